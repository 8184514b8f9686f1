"""Work on a cluster as named steps, each of which can be run again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

#: tells a waiting person what is being done
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Step:
    """One step: it brings a part of the cluster to what it should be."""

    #: in a few words, as people read it
    title: str
    #: returns what was changed, one entry each; nothing when all was as it should be
    run: Callable[[Say], Sequence[str]]
