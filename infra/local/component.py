"""One program of the cluster: what it is started with, and how it says that it works."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from homeostat import digest
from infra.local.place import NAMESPACE_FILE

#: None when the component works, else why not, in a few words
Check = Callable[[], str | None]


class Mounts(Enum):
    """Which mounts a component sees."""

    #: those of the machine
    OF_THE_MACHINE = "machine"
    #: those that the programs that run containers share with each other
    OF_THE_NODE = "node"


@dataclass(frozen=True, slots=True)
class Component:
    """A long-running program of the cluster."""

    name: str
    #: the program's path, then its arguments
    argv: tuple[str, ...]
    check: Check
    #: its configuration files as they should be
    files: Mapping[Path, str] = field(default_factory=dict[Path, str])
    #: keys and certificates that it reads once, when it starts
    reads: tuple[Path, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict[str, str])
    #: the network namespace that it lives in; None for the machine's own
    network: Path | None = NAMESPACE_FILE
    mounts: Mounts = Mounts.OF_THE_MACHINE
    #: how long it may take to work, on a busy machine
    patience_seconds: float = 60.0

    @property
    def revision(self) -> str:
        """What it is started with, in a short digest: another one means that it must be started anew."""
        parts = [
            *((f"file {path}", digest.of_bytes(text.encode())) for path, text in self.files.items()),
            *((f"reads {path}", digest.of_file(path)) for path in self.reads),
            *((f"environment {name}", value) for name, value in self.environment.items()),
            *((f"argument {at}", word) for at, word in enumerate(self.argv)),
            ("mounts", self.mounts.value),
        ]
        return digest.of_parts(parts)[:12]


def parse_marks(mark: str, value: str) -> tuple[str, str] | None:
    """The component and the revision in the marks of a process; None when it is none of the cluster ``mark``.

    >>> parse_marks("S", "S:S.kube-proxy.12ab")
    ('kube-proxy', '12ab')
    >>> parse_marks("S", "T:T.kube-proxy.12ab") is None
    True
    """
    for entry in value.split(":"):
        words = entry.split(".")
        if len(words) == 3 and words[0] == mark:
            return words[1], words[2]
    return None
