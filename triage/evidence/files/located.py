"""A value that was read from text, and the line on which each part of it stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from triage.evidence.kubernetes.statement import Path


@dataclass(frozen=True, slots=True)
class Located:
    """``value`` is made of dictionaries, lists and scalars; ``lines`` knows the number of every path."""

    value: Any
    lines: Mapping[Path, int]

    def line_of(self, path: Path) -> int:
        """The line of the part at ``path``, else of the nearest part around it."""
        for length in range(len(path), -1, -1):
            if (found := self.lines.get(path[:length])) is not None:
                return found
        return 1

    def part(self, path: Path, value: Any) -> Located:
        """The part at ``path`` as a value of its own."""
        length = len(path)
        inner = {key[length:]: line for key, line in self.lines.items() if key[:length] == path}
        inner.setdefault((), self.line_of(path))
        return Located(value, inner)
