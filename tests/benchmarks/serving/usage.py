"""What a server and all of its descendants use, as Linux counts it."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
_PROC = Path("/proc")


def tree(root: int) -> Sequence[int]:
    """The process ``root`` and all that descend from it; empty when it is gone."""
    children: dict[int, list[int]] = {}
    alive: set[int] = set()
    for entry in _PROC.iterdir():
        if entry.name.isdigit() and (fields := _stat(int(entry.name))):
            alive.add(int(entry.name))
            children.setdefault(int(fields[1]), []).append(int(entry.name))
    found, pending = [], [root] if root in alive else []
    while pending:
        found.append(pid := pending.pop())
        pending += children.get(pid, [])
    return found


def cpu_seconds(pids: Sequence[int]) -> float:
    """User and system time of the processes, with that of their children that have ended."""
    ticks = 0
    for pid in pids:
        if fields := _stat(pid):
            ticks += sum(int(field) for field in fields[11:15])
    return ticks / _TICKS_PER_SECOND


def pss_bytes(pids: Sequence[int]) -> int:
    """Their shares of memory together; less than they hold where others run that map the same files."""
    return sum(pss_of_each(pids).values())


def pss_of_each(pids: Sequence[int]) -> Mapping[int, int]:
    """The same for each; those that are gone are left out."""
    found: dict[int, int] = {}
    for pid in pids:
        with suppress(OSError):
            lines = (_PROC / str(pid) / "smaps_rollup").read_text("ascii").splitlines()
            found[pid] = next(int(line.split()[1]) << 10 for line in lines if line.startswith("Pss:"))
    return found


def client_ports(pid: int) -> set[int]:
    """Ports of the clients whose IPv4 connections the process holds."""
    held: set[str] = set()
    for entry in (_PROC / str(pid) / "fd").iterdir():
        with suppress(OSError):
            held.add(str(entry.readlink()))
    lines = (_PROC / str(pid) / "net" / "tcp").read_text("ascii").splitlines()[1:]
    rows = [line.split() for line in lines]
    # third the other side's address, tenth the socket's number; a listening socket has no other side
    ports = {int(row[2].rpartition(":")[2], 16) for row in rows if f"socket:[{row[9]}]" in held}
    return ports - {0}


def _stat(pid: int) -> Sequence[str]:
    """The fields of ``stat`` from the third on (state, parent, ...); empty when the process is gone."""
    try:
        text = (_PROC / str(pid) / "stat").read_text("utf-8", errors="replace")
    except OSError:
        return ()
    # the second is the program's name in brackets, which may hold anything
    fields = text.rpartition(")")[2].split()
    return () if fields[0] == "Z" else fields
