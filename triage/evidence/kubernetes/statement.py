"""What can be said of an object, sentence by sentence, wherever the object was read from.

The live API's objects become lines that triage words itself; an object that a person saved as text already
has lines, and each statement's path says which of them it rests on. Either way the observations are the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from triage.evidence.kubernetes.numbered import Numbered

#: keys and indices from the object's root, as the API spells them
Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Statement:
    """One sentence, and the observation in it; without a name it is a sentence only."""

    text: str
    path: Path
    name: str = ""
    at: datetime | None = None
    numbers: Mapping[str, float] = field(default_factory=dict[str, float])
    texts: Mapping[str, str] = field(default_factory=dict[str, str])


def say(lines: Numbered, statement: Statement) -> None:
    """Put the statement below ``lines``."""
    lines.add(statement.text)
    if statement.name:
        lines.observe(statement.name, statement.at, statement.numbers, statement.texts)
