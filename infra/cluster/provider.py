"""A provider makes a Kubernetes cluster somewhere; commands know no more of it than this."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path
from typing import Protocol, cast

from homeostat.errors import Refused
from infra.cluster.step import Step

#: the entry points under which providers offer themselves
GROUP = "homeostat.clusters"
#: who wrote this file has machines to make the cluster of
_DEFINITION = "cluster.yaml"


@dataclass(frozen=True, slots=True)
class PartStatus:
    """One part of a cluster, and how it is."""

    name: str
    healthy: bool
    #: in a few words: why it is not well, or what is worth knowing of it
    note: str = ""


@dataclass(frozen=True, slots=True)
class ClusterStatus:
    """How a cluster is, part by part."""

    running: bool
    parts: tuple[PartStatus, ...]
    #: how people and programs reach it
    kubeconfig: Path
    #: what this provider leaves out, one sentence each
    left_out: tuple[str, ...] = ()
    #: where people look at it: what, and its address
    pages: tuple[tuple[str, str], ...] = ()

    @property
    def healthy(self) -> bool:
        """Whether it runs and every part of it is well."""
        return self.running and all(part.healthy for part in self.parts)


@dataclass(frozen=True, slots=True)
class Proposal:
    """What will be done, for a person to read."""

    text: str = ""
    #: whether the person must agree with it first
    asks: bool = False


@dataclass(frozen=True, slots=True)
class Removal:
    """What a removal destroys, and what a person types to confirm it."""

    #: one sentence
    destroys: str
    word: str


class Provider(Protocol):
    """One way to have a cluster. Steps can be run again, and are run in order."""

    @property
    def lock(self) -> Path:
        """The file whose lock a command holds while it works on the cluster."""
        ...

    def preparation(self) -> Sequence[Step]:
        """What only looks, before anything is asked or changed."""
        ...

    def proposal(self) -> Proposal:
        """What a person reads before the start, as the preparation found it; mostly nothing."""
        ...

    def start_steps(self) -> Sequence[Step]:
        """What makes the cluster, or brings it back to what it should be."""
        ...

    def stop_steps(self) -> Sequence[Step]:
        """What ends it, keeping all data."""
        ...

    def removal_steps(self) -> Sequence[Step]:
        """What removes it with all data."""
        ...

    def removal(self) -> Removal:
        """What the person who wants a removal must confirm."""
        ...

    def status(self) -> ClusterStatus:
        """How the cluster is now."""
        ...


def default_name(root: Path) -> str:
    """The provider that is meant when none is named."""
    return "proxmox" if (root / _DEFINITION).exists() else "local"


def provider(name: str, root: Path, state: Path) -> Provider:
    """The provider ``name`` for the clone at ``root``, with its state in ``state``.

    Raises:
        Refused: when there is none of that name.
    """
    for point in entry_points(group=GROUP, name=name):
        return cast("Callable[[Path, Path], Provider]", point.load())(root, state)
    known = ", ".join(sorted(point.name for point in entry_points(group=GROUP)))
    raise Refused(f"--provider is '{name}', which is no provider of clusters: choose one of {known}.")
