"""What Linux tells of a process under ``/proc``: its identity, its parent, its environment."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class Identity:
    """A process id is used again after a while; together with its start it is not."""

    pid: int
    #: clock ticks between the machine's boot and the process's start (proc(5), ``starttime``)
    started_ticks: int


def identity(pid: int) -> Identity | None:
    """Who runs as ``pid`` now; None when nobody does, or when only its exit code is left (a zombie)."""
    fields = _stat(pid)
    if fields is None or fields[0] in {"Z", "X"}:
        return None
    return Identity(pid, int(fields[19]))


def is_alive(who: Identity) -> bool:
    """Whether just this process, and no later one with its number, still runs."""
    return identity(who.pid) == who


def ancestors(pid: int) -> Iterator[int]:
    """``pid`` itself, its parent, its grandparent and so on."""
    while pid > 0:
        yield pid
        fields = _stat(pid)
        pid = int(fields[1]) if fields else 0


def own_processes() -> Iterator[int]:
    """The ids of all processes of this user."""
    uid = os.getuid()
    for entry in PROC.iterdir():
        if entry.name.isdigit():
            try:
                owner = entry.stat().st_uid
            except OSError:
                continue
            if owner == uid:
                yield int(entry.name)


def variable(pid: int, name: str) -> str:
    """The value that ``name`` had when the process was started; empty when unset or unreadable."""
    try:
        environment = (PROC / str(pid) / "environ").read_bytes()
    except OSError:
        return ""
    prefix = f"{name}=".encode()
    for entry in environment.split(b"\0"):
        if entry.startswith(prefix):
            return entry.removeprefix(prefix).decode(errors="replace")
    return ""


def namespace(pid: int | str, kind: str) -> str | None:
    """Which namespace of a ``kind`` such as ``mnt`` the process is in; None when it is gone.

    Args:
        pid: the process id, or ``self``.
        kind: as the links in ``/proc/<pid>/ns`` are named.
    """
    try:
        return str((PROC / str(pid) / "ns" / kind).readlink())
    except OSError:
        return None


def command(pid: int) -> str:
    """The command line of the process, shortened for a person."""
    try:
        words = (PROC / str(pid) / "cmdline").read_bytes().split(b"\0")
    except OSError:
        return "?"
    return " ".join(word.decode(errors="replace") for word in words if word)[:120]


def _stat(pid: int) -> list[str] | None:
    """The fields of ``/proc/<pid>/stat`` from the state on; the name before it may hold any character."""
    try:
        text = (PROC / str(pid) / "stat").read_text(errors="replace")
    except OSError:
        return None
    return text.rpartition(")")[2].split()
