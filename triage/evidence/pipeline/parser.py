"""What a parser is: marks without which it need not look, and how it understands the lines."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from triage.evidence.item import Observation
from triage.evidence.pipeline.run_line import RunLine

Observe = Callable[[Sequence[RunLine]], Iterable[Observation]]

#: of one text; nobody reads more, and a title needs far less
_MOST_CHARACTERS = 500


@dataclass(frozen=True, slots=True)
class Parser:
    """Understands what one family of tools prints."""

    #: one of these stands somewhere in every text that the parser can understand
    marks: tuple[str, ...]
    observe: Observe
    #: whether what it sees matters also outside of a step that failed: the run may have died of it unsaid
    of_whole_run: bool = False


def observation(
    name: str, line: RunLine, numbers: Mapping[str, float] | None = None, **texts: str
) -> Observation:
    """One observation of ``line``; empty texts are left out."""
    kept = {key: " ".join(text.split())[:_MOST_CHARACTERS] for key, text in texts.items() if text.strip()}
    return Observation(name=name, line=line.number, at=line.at, numbers=dict(numbers or {}), texts=kept)


def number_of(text: str) -> float | None:
    """A number as tools write it, or None.

    >>> number_of("93,512")
    93512.0
    """
    try:
        return float(text.replace(",", "").rstrip("."))
    except ValueError:
        return None
