"""How one tool writes something on one line: what most parsers of tools' output are a list of."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Shape:
    """A tool, and the pattern of its lines; the pattern's groups are what is told."""

    tool: str
    pattern: re.Pattern[str]
