"""What a server holds in memory, whatever else runs beside it.

A proportional share (PSS) divides the pages of a file that several servers map, such as numpy's, by the
number of servers that happen to run: with nine of them each looks smaller than it is alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

_PROC = Path("/proc")
#: addresses, permissions, offset, device, inode
_HEAD = re.compile(r"^[0-9a-f]+-[0-9a-f]+ \S+ ([0-9a-f]+) (\S+) (\d+)")

#: a mapped part of a file: device, inode and offset
Part = tuple[str, str, str]


def held_bytes(pids: Sequence[int]) -> int:
    """Memory of the processes of one server, as if it ran alone: what they share with each other counts once.

    Pages that belong to no file are shared by fork alone, so within the server: their proportional shares add
    up. A mapped file counts with the most that any one of the processes has of it.
    """
    anonymous, files = 0, dict[Part, int]()
    for pid in pids:
        with suppress(OSError):
            anonymous += _anonymous_bytes((_PROC / str(pid) / "smaps_rollup").read_text("utf-8"))
            for part, size in _file_bytes((_PROC / str(pid) / "smaps").read_text("utf-8", "replace")).items():
                files[part] = max(files.get(part, 0), size)
    return anonymous + sum(files.values())


def _anonymous_bytes(rollup: str) -> int:
    return sum(_bytes(line) for line in rollup.splitlines() if line.startswith("Pss_Anon:"))


def _file_bytes(smaps: str) -> Mapping[Part, int]:
    """Pages in memory of every mapped file, less those that the process wrote to and so has of its own."""
    found: dict[Part, int] = {}
    part: Part | None = None
    for line in smaps.splitlines():
        if head := _HEAD.match(line):
            offset, device, inode = head.groups()
            part = (device, inode, offset) if inode != "0" else None
        elif part and line.startswith("Rss:"):
            found[part] = found.get(part, 0) + _bytes(line)
        elif part and line.startswith("Anonymous:"):
            found[part] = found.get(part, 0) - _bytes(line)
    return found


def _bytes(line: str) -> int:
    return int(line.split()[1]) << 10
