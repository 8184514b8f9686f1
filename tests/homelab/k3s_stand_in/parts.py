"""The real programs that a stand-in starts, for each version of K3s that it can stand in for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from infra.programs.catalogue import CATALOGUE
from infra.programs.go_module import GoModule
from infra.programs.obtain import cache_folder
from infra.programs.program import GoPackage, Program
from infra.programs.version import Supported

ROOT = Path(__file__).parents[3]
KUBERNETES_PROGRAMS = ("kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubectl")
#: the same in every version of K3s here
SHARED_PROGRAMS = ("etcd", "etcdutl", "kwok")

CURRENT = "v1.34.4+k3s1"
PREVIOUS = "v1.33.13+k3s1"


def kubernetes_version(version: str) -> str:
    """The version of Kubernetes in a version of K3s.

    >>> kubernetes_version("v1.34.4+k3s1")
    'v1.34.4'
    """
    return version.partition("+")[0]


def parts_of(version: str, say: Callable[[str], None] = lambda what: None) -> Mapping[str, Path]:
    """Each program by its name, built when the cache has none (minutes, once).

    Raises:
        ValueError: when there is no stand-in for that version.
        infra.programs.program.Unavailable: when one can't be built.
    """
    tools = GoModule(ROOT / "tools", cache_folder())
    shared = {name: tools.obtain(CATALOGUE[name], say).path for name in SHARED_PROGRAMS}
    return {**shared, **_kubernetes(version, tools, say)}


def _kubernetes(version: str, tools: GoModule, say: Callable[[str], None]) -> Mapping[str, Path]:
    if version == CURRENT:
        return {name: tools.obtain(CATALOGUE[name], say).path for name in KUBERNETES_PROGRAMS}
    if version == PREVIOUS:
        older = GoModule(ROOT / "tests" / "homelab", cache_folder())
        return {name: older.obtain(_previous(name), say).path for name in KUBERNETES_PROGRAMS}
    raise ValueError(f"there is no stand-in for K3s {version}; there is one for {CURRENT} and for {PREVIOUS}")


def _previous(name: str) -> Program:
    module = "k8s.io/kubernetes"
    variable = "k8s.io/component-base/version.gitVersion"
    return Program(
        name,
        ("version", "--client") if name == "kubectl" else ("--version",),
        Supported((1, 33, 0), (1, 34, 0)),
        go=GoPackage("previous_kubernetes", f"{module}/cmd/{name}", module, variable, stamp="v"),
    )
