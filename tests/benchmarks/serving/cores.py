"""Which core the client gets and which the servers: different ones, where there are several."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_TOPOLOGY = Path("/sys/devices/system/cpu")


@dataclass(frozen=True, slots=True)
class Cores:
    """One core for each side; the same one twice where there is no other."""

    client: int
    server: int
    #: what the reader of the figures has to know about the two
    relation: str

    @property
    def pin_server(self) -> Sequence[str]:
        """What stands before a command of a server."""
        return ("taskset", "-c", str(self.server))

    @property
    def pin_client(self) -> Sequence[str]:
        """What stands before a command of a client."""
        return ("taskset", "-c", str(self.client))


def choose_cores() -> Cores:
    """Two of the cores that this process may use, of two physical ones if it can be."""
    allowed = sorted(os.sched_getaffinity(0))
    server = allowed[-1]
    apart = [core for core in allowed if server not in _siblings(core)]
    if apart:
        return Cores(apart[0], server, "cores of their own")
    if len(allowed) > 1:
        return Cores(allowed[0], server, "two hardware threads of one core")
    return Cores(server, server, "one core for both, since there is no other")


def _siblings(core: int) -> set[int]:
    """The hardware threads of the physical core that ``core`` is one of, itself among them."""
    try:
        text = (_TOPOLOGY / f"cpu{core}" / "topology" / "thread_siblings_list").read_text("ascii")
    except OSError:
        return {core}
    return parse_list(text)


def parse_list(text: str) -> set[int]:
    """The numbers in the kernel's notation, such as ``0-2,5``."""
    found: set[int] = set()
    for part in text.strip().split(","):
        first, _, last = part.partition("-")
        found |= set(range(int(first), int(last or first) + 1))
    return found
