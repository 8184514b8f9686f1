"""What a process costs in memory, as the kernel counts it.

Workers are forked from one process that loaded the model, so they share pages with it and with each other.
The resident size counts such a page in each of them. The proportional size divides it among them and adds
up to what all take together; the private size is what would come back if this one process ended.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

#: between two looks at this process's own memory
MEASURE_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Memory:
    """One process, at one moment."""

    resident_bytes: int
    proportional_bytes: int
    private_bytes: int


def memory_of(pid: int | None = None) -> Memory | None:
    """The memory of a process of this user, this one by default; None where the kernel does not tell."""
    try:
        text = Path(f"/proc/{pid or os.getpid()}/smaps_rollup").read_text()
    except OSError:
        return None
    return parse_rollup(text)


def parse_rollup(text: str) -> Memory:
    r"""Read the kernel's ``smaps_rollup``, whose sizes are in kB.

    >>> parse_rollup("Rss: 8 kB\nPss: 6 kB\nPrivate_Clean: 1 kB\nPrivate_Dirty: 2 kB").private_bytes
    3072
    """
    sizes: dict[str, int] = {}
    for line in text.splitlines():
        name, _, rest = line.partition(":")
        words = rest.split()
        if len(words) == 2 and words[1] == "kB":
            sizes[name] = int(words[0]) * 1024
    private = sizes.get("Private_Clean", 0) + sizes.get("Private_Dirty", 0)
    return Memory(sizes.get("Rss", 0), sizes.get("Pss", 0), private)


def keep_measuring(record: Callable[[int], None]) -> None:
    """Give ``record`` this process's share of memory now and again; in a running event loop.

    A look takes the kernel a millisecond or so: nothing once in a while, and much for a scrape.
    """
    memory = memory_of()
    if memory is None:
        return
    record(memory.proportional_bytes)
    asyncio.get_running_loop().call_later(MEASURE_SECONDS, keep_measuring, record)
