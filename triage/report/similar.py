"""Earlier incidents that resemble a new one: by what caused them, what they are about, and what was cited.

A score of a few facts that anybody can check, not a distance in a space that nobody can see: each earlier
incident says what it has in common with this one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime

from triage.evidence.log_record import understand
from triage.report.document import Report, SimilarIncident

MOST = 5
#: the same kind of cause counts most; the same name or subject alone is no resemblance
_SAME_CAUSE, _SAME_ALERT, _SAME_SUBJECT, _SAME_LINES = 3.0, 2.0, 2.0, 3.0
_LEAST_SCORE = 3.0
_LEAST_SHARED_LINES = 0.25
_MOST_TEMPLATES = 16
_MOST_CHARACTERS = 120
_VARYING = re.compile(r"0x[0-9a-f]+|[0-9a-f]{8,}|\d+(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class Traits:
    """What is compared of an incident."""

    incident_id: str
    alertname: str
    subject: str
    cause_kind: str
    cause_title: str
    templates: AbstractSet[str]
    started_at: datetime


def traits_of(report: Report) -> Traits:
    """A report's traits; one of before templates were stored has those of its citations."""
    first = report.causes[0] if report.causes else None
    return Traits(
        incident_id=report.incident_id,
        alertname=report.alertname[:_MOST_CHARACTERS],
        subject=(report.subject or report.model)[:_MOST_CHARACTERS],
        cause_kind=first.kind[:_MOST_CHARACTERS] if first else "",
        cause_title=first.title if first else "",
        templates=frozenset(report.templates or templates_of(report)),
        started_at=report.started_at,
    )


def templates_of(report: Report) -> tuple[str, ...]:
    """The shapes of the lines that the causes rest on, without what differs from one time to the next."""
    shapes = {_template(one.quote) for cause in report.causes for one in cause.citations}
    return tuple(sorted(shape for shape in shapes if shape))[:_MOST_TEMPLATES]


def similar(new: Traits, past: Iterable[Traits]) -> tuple[SimilarIncident, ...]:
    """At most five earlier incidents, the most alike first; among equals the latest."""
    scored = [(*_score(new, one), one) for one in past if one.incident_id != new.incident_id]
    alike = [found for found in scored if found[0] >= _LEAST_SCORE]
    alike.sort(key=lambda found: (-found[0], -found[2].started_at.timestamp(), found[2].incident_id))
    return tuple(_described(one, why) for _, why, one in alike[:MOST])


def _score(new: Traits, old: Traits) -> tuple[float, Sequence[str]]:
    score, why = 0.0, list[str]()
    if new.cause_kind and new.cause_kind == old.cause_kind:
        score += _SAME_CAUSE
        why.append("the same kind of cause")
    if new.alertname == old.alertname:
        score += _SAME_ALERT
        why.append("the same alert")
    if new.subject and new.subject == old.subject:
        score += _SAME_SUBJECT
        why.append(f"about {new.subject} too")
    shared = _shared(new.templates, old.templates)
    if shared >= _LEAST_SHARED_LINES:
        score += _SAME_LINES * shared
        why.append("the same lines in its evidence")
    return score, why


def _shared(some: AbstractSet[str], others: AbstractSet[str]) -> float:
    """Jaccard's index."""
    union = len(some | others)
    return len(some & others) / union if union else 0.0


def _described(one: Traits, why: Sequence[str]) -> SimilarIncident:
    return SimilarIncident(
        incident_id=one.incident_id,
        alertname=one.alertname,
        subject=one.subject,
        cause_kind=one.cause_kind,
        cause_title=one.cause_title,
        started_at=one.started_at,
        why=tuple(why),
    )


def _template(quote: str) -> str:
    record = understand(quote)
    text = record.template if record.fields else _VARYING.sub("#", quote)
    return " ".join(text.split())[:_MOST_CHARACTERS]
