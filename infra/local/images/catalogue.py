"""The images of what the local cluster runs: how each is made, since no registry is asked for any.

Our own are made by the same Containerfiles as everywhere. Those of other projects bear the names that the
manifests write, so that manifests run unchanged, and hold the same program in the same version: built from
the Go module that ``tools/`` pins, or from Debian's package.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from infra.programs.catalogue import CATALOGUE
from infra.programs.go_module import pinned_version

#: what Containerfiles build on, in GitHub from a registry and here from Debian
BASE = "python:3.11-slim-bookworm"

_OWN = Path("images")
_RECIPES = Path("infra/local/images/recipes")


@dataclass(frozen=True, slots=True)
class OfProgram:
    """A tag made of a ``v`` and the version at which ``tools/`` pins a program."""

    program: str


@dataclass(frozen=True, slots=True)
class OfDebian:
    """A tag that names what Debian's package had when this was written.

    Debian 12 moves within one series; a later version than the tag's is built all the same, and said.
    """

    package: str
    version: str


@dataclass(frozen=True, slots=True)
class Image:
    """One image: its name, who gives it its tag, and what its Containerfile finds in the build context."""

    name: str
    #: the folder with the Containerfile, below the repository's root
    recipe: Path
    #: None for our own, which are known by their digest
    tag: OfProgram | OfDebian | None = None
    #: files and folders of the repository, at the same place in the build context
    sources: tuple[str, ...] = ()
    #: programs built from ``tools/``, below ``bin/`` in the build context
    programs: tuple[str, ...] = ()

    @property
    def is_own(self) -> bool:
        """Whether it holds our code."""
        return self.tag is None


def _own(name: str, *sources: str) -> Image:
    return Image(f"homeostat/{name}", _OWN / name, sources=(f"requirements/{name}.txt", *sources))


def _program(name: str, recipe: str, *programs: str) -> Image:
    return Image(name, _RECIPES / recipe, OfProgram(programs[0]), programs=programs)


OWN = (
    _own("api-keys", "homeostat", "serving/__init__.py", "serving/api_keys"),
    _own("triage", "homeostat", "triage"),
    _own("mlflow"),
    _own(
        "kserve-stand-in",
        "homeostat",
        "infra/__init__.py",
        "infra/local/__init__.py",
        "infra/local/kserve_stand_in",
    ),
)

THIRD_PARTY = (
    _program("prom/prometheus", "prometheus", "prometheus", "promtool"),
    _program("prom/alertmanager", "alertmanager", "alertmanager", "amtool"),
    _program("prom/node-exporter", "node-exporter", "node_exporter"),
    _program("quay.io/argoproj/argocd", "argocd", "argocd", "kustomize"),
    _program("traefik", "traefik", "traefik"),
    Image("postgres", _RECIPES / "postgres", OfDebian("postgresql-15", "15.20")),
    Image("redis", _RECIPES / "redis", OfDebian("redis-server", "7.0.15")),
)

#: models have one image each, of this recipe; their bento is the build context
MODEL_RECIPE = _OWN / "model"


def tag(image: Image, root: Path) -> str | None:
    """The tag that manifests must write; None for our own images.

    Raises:
        MachineError: when the program that gives the version is not pinned.
    """
    if image.tag is None:
        return None
    if isinstance(image.tag, OfDebian):
        return image.tag.version
    return "v" + pinned_version(CATALOGUE[image.tag.program], root / "tools")


def third_party_tags(root: Path) -> Mapping[str, str]:
    """The tag of every image of other projects, by its name: what local manifests may name, and no other."""
    base_name, _, base_tag = BASE.partition(":")
    tags = {image.name: tag(image, root) or "" for image in THIRD_PARTY}
    return {base_name: base_tag, **tags}
