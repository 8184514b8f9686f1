"""A cause that rests on complaints: how many lines are cited, and what makes it more or less likely."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from triage.analysts.analysis import Cause, Remedy
from triage.analysts.deterministic.calibration import BASES
from triage.analysts.deterministic.complaints import is_severe
from triage.analysts.deterministic.facts import Fact, cited
from triage.analysts.deterministic.signature import ANALYST, confidence
from triage.evidence.log_record import understand

_MOST_CITED = 5
#: of a message, this much belongs into an explanation
_MOST_SAID = 300
#: the fields under which programs tell what went wrong
_ERRORS = ("error", "err", "exception", "exc", "reason", "cause")


@dataclass(frozen=True, slots=True)
class Claim:
    """What is claimed, in words."""

    kind: str
    title: str
    explanation: str
    remediation: tuple[Remedy, ...]


def claimed(claim: Claim, found: Sequence[Fact], *others: Fact | None, weight: float = 0.0) -> Cause:
    """The cause that the lines ``found`` show; ``others`` are cited too, ``weight`` is added ground."""
    chosen = _telling(found)
    return Cause(
        kind=claim.kind,
        title=claim.title,
        explanation=claim.explanation,
        confidence=confidence(
            BASES[claim.kind],
            (any(is_severe(one) for one in found), 0.05),
            (len(found) > 1, 0.05),
            (len({one.item.id for one in found}) > 1, 0.05),
            (True, weight),
        ),
        remediation=claim.remediation,
        citations=cited(*chosen, *others),
        found_by=ANALYST,
    )


def said(fact: Fact) -> str:
    """The line, short enough for an explanation; of a structured one, its message and its error."""
    text = " ".join((_message(fact.text("text")) or fact.text("text")).split())
    # programs wrap errors, so that the innermost, which says why, stands last
    half = _MOST_SAID // 2
    return text if len(text) <= _MOST_SAID else f"{text[:half]} ... {text[-half:]}"


def _message(text: str) -> str:
    """What a JSON record says in words, or nothing where it is none or has none."""
    if not text.lstrip().startswith("{"):
        return ""
    record = understand(text)
    error = next((str(record.fields[name]) for name in _ERRORS if record.fields.get(name)), "")
    return ": ".join(part for part in (record.event, error) if part)


def _telling(found: Sequence[Fact]) -> Sequence[Fact]:
    """The first line and the last, and one of each further source: enough to check, few enough to read."""
    of_sources = list({one.item.id: one for one in reversed(found)}.values())
    ordered = [found[0], *reversed(of_sources), found[-1], *found[1:]]
    unique = {(one.item.id, one.observation.line): one for one in ordered}
    return list(unique.values())[:_MOST_CITED]
