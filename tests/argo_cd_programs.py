"""Argo CD's programs as plain processes on loopback, beside an API server in which it is installed."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx

from infra.gitops.kubectl import Kubectl
from infra.process.state.ports import LOOPBACK, any_free_port
from tests.apiserver import answers, await_, end
from tests.programs import find

#: the variables by which a pod gets its parameters, as Argo CD's manifests pair them
_PARAMETERS = {
    "timeout.reconciliation": "ARGOCD_RECONCILIATION_TIMEOUT",
    "timeout.reconciliation.jitter": "ARGOCD_RECONCILIATION_JITTER",
    "applicationsetcontroller.enable.progressive.syncs": (
        "ARGOCD_APPLICATIONSET_CONTROLLER_ENABLE_PROGRESSIVE_SYNCS"
    ),
    "controller.diff.server.side": "ARGOCD_APPLICATION_CONTROLLER_SERVER_SIDE_DIFF",
    "controller.sync.timeout.seconds": "ARGOCD_APPLICATION_CONTROLLER_SYNC_TIMEOUT",
}


@contextmanager
def argo_cd_programs(folder: Path, kubectl: Kubectl, redis: Path, no_proxy: str = LOOPBACK) -> Iterator[None]:
    """Run them until the block ends, with the settings that the cluster has; ``folder`` then holds the logs.

    Args:
        folder: of theirs alone.
        kubectl: of the cluster in which Argo CD is installed.
        redis: the program.
        no_proxy: what they reach without a proxy, as NO_PROXY has it.
    """
    with ExitStack() as stack:
        _start(stack, folder, kubectl, redis, no_proxy)
        yield


def _start(stack: ExitStack, folder: Path, kubectl: Kubectl, redis: Path, no_proxy: str) -> None:
    cache, repositories = f"{LOOPBACK}:{any_free_port()}", f"{LOOPBACK}:{any_free_port()}"
    cluster = (f"--kubeconfig={kubectl.kubeconfig}", "--namespace=argocd")
    ports = [str(any_free_port()) for _ in range(6)]
    parts: Mapping[str, Sequence[str]] = {
        "argocd-repo-server": (
            *("--address", LOOPBACK, "--port", repositories.split(":")[1], "--metrics-port", ports[0]),
            *("--metrics-address", LOOPBACK, "--redis", cache),
        ),
        "argocd-application-controller": (
            *("--metrics-port", ports[1], "--redis", cache, "--repo-server", repositories, *cluster),
        ),
        "argocd-applicationset-controller": (
            *("--metrics-addr", f"{LOOPBACK}:{ports[2]}", "--probe-addr", f"{LOOPBACK}:{ports[3]}"),
            *("--webhook-addr", f"{LOOPBACK}:{ports[4]}", "--argocd-repo-server", repositories, *cluster),
        ),
    }
    redis_arguments = ("--bind", LOOPBACK, "--port", cache.split(":")[1], "--save", "", "--dir", str(folder))
    stack.enter_context(running_program("redis", (str(redis), *redis_arguments), folder, {}))
    for name, arguments in parts.items():
        argv = (str(find("go", "argocd")), *arguments)
        stack.enter_context(
            running_program(name, argv, folder, _environment(folder, kubectl, name, no_proxy))
        )
    with httpx.Client(trust_env=False) as http:
        for port, path in ((ports[0], "metrics"), (ports[1], "healthz")):
            address = f"http://{LOOPBACK}:{port}/{path}"
            await_(f"Argo CD answers at {address}", lambda address=address: answers(http, address))


def _environment(folder: Path, kubectl: Kubectl, name: str, no_proxy: str) -> Mapping[str, str]:
    parameters: dict[str, str] = {}
    for configuration in ("argocd-cm", "argocd-cmd-params-cm"):
        found = kubectl.get("configmap", configuration, "argocd")
        assert found is not None
        parameters |= found["data"]
    programs = folder / "bin"
    programs.mkdir(exist_ok=True)
    if not (programs / "kustomize").exists():
        (programs / "kustomize").symlink_to(find("go", "kustomize"))
    return {
        "ARGOCD_BINARY_NAME": name,
        "ARGOCD_FAKE_IN_CLUSTER": "true",
        "ARGOCD_GPG_ENABLED": "false",
        "ARGOCD_CONTROLLER_REPLICAS": "1",
        "ARGOCD_TLS_DATA_PATH": str(folder / "tls"),
        "ARGOCD_SSH_DATA_PATH": str(folder / "ssh"),
        "KUBECONFIG": str(kubectl.kubeconfig),
        "HOME": str(folder),
        "PATH": f"{programs}:{os.environ['PATH']}",
        "NO_PROXY": no_proxy,
        **{variable: parameters[key] for key, variable in _PARAMETERS.items()},
    }


@contextmanager
def running_program(name: str, argv: Sequence[str], folder: Path, more: Mapping[str, str]) -> Iterator[None]:
    """Run one program until the block ends, with its log in ``folder``."""
    with (folder / f"{name}.log").open("wb") as log:
        process = subprocess.Popen(
            argv, stdout=log, stderr=subprocess.STDOUT, env={**os.environ, **more}, cwd=folder
        )
    try:
        yield
    finally:
        end(process)
