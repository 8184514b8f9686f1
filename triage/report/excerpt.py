"""A cited line with the lines around it, as far as they were gathered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from triage.analysts.analysis import Citation
from triage.evidence.item import EvidenceItem, Line

#: on either side
_AROUND = 3
_MOST_QUOTE_CHARACTERS = 400
_MOST_LINE_CHARACTERS = 1_000


@dataclass(frozen=True, slots=True)
class ExcerptLine:
    """One line; ``skipped`` tells that lines before it are not shown."""

    number: int
    text: str
    similar: int
    is_cited: bool
    skipped: bool


@dataclass(frozen=True, slots=True)
class CitedLine:
    """A citation as a page shows it; without an excerpt when the evidence is not at hand."""

    evidence: str
    number: int
    quote: str
    source: str
    excerpt: tuple[ExcerptLine, ...]


def cited_lines(citations: Iterable[Citation], evidence: Mapping[str, EvidenceItem]) -> Sequence[CitedLine]:
    """Each citation with its surroundings; one that is repeated stands once."""
    return [_cited(one, evidence.get(one.evidence)) for one in dict.fromkeys(citations)]


def _cited(citation: Citation, item: EvidenceItem | None) -> CitedLine:
    return CitedLine(
        evidence=citation.evidence,
        number=citation.line,
        quote=_cut(citation.quote, _MOST_QUOTE_CHARACTERS),
        source=item.source if item else "",
        excerpt=_excerpt(item.lines, citation.line) if item else (),
    )


def _excerpt(lines: Sequence[Line], number: int) -> tuple[ExcerptLine, ...]:
    at = next((index for index, line in enumerate(lines) if line.number == number), None)
    if at is None:
        return ()
    first = max(0, at - _AROUND)
    shown = lines[first : at + _AROUND + 1]
    former = [lines[first - 1].number if first else shown[0].number - 1, *(line.number for line in shown)]
    return tuple(
        ExcerptLine(
            number=line.number,
            text=_cut(line.text, _MOST_LINE_CHARACTERS),
            similar=line.similar,
            is_cited=line.number == number,
            skipped=line.number > before + 1,
        )
        for before, line in zip(former, shown, strict=False)
    )


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[:most]} ... (cut)"
