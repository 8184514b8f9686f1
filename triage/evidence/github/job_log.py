"""The log of a job that failed: what its tools said that matters, with its surroundings, and the end."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from triage.evidence.github.api import Text
from triage.evidence.github.forms import Job
from triage.evidence.item import EvidenceItem, EvidenceKind, EvidenceStatus, Line, Observation
from triage.evidence.overheard import cleared
from triage.evidence.pipeline.observe import observe_pipeline
from triage.evidence.tail import RawLine, numbered

#: of the log: what is kept around each observation, and of the end of the step that failed
_BEFORE, _AFTER, _END = 8, 4, 25
_MOST_LINES = 400
_NOT_A_NAME = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True, slots=True)
class _Unredacted:
    """A line as it was printed, to be understood; what is kept of it is redacted."""

    number: int
    text: str


def item_id(job: Job) -> str:
    """The id of the job's log among the evidence."""
    return f"github.log.{_NOT_A_NAME.sub('-', job.name).strip('-') or job.id}"


def log_item(job: Job, log: Text, now: datetime) -> EvidenceItem:
    """The item of one log."""
    lines = numbered(log.content.removesuffix("\n").split("\n"), log.first_line)
    observations = list(observe_pipeline([_Unredacted(line.number, line.raw) for line in lines]))
    wanted = _wanted(lines, observations)
    kept = [line for line in lines if line.number in wanted]
    shown = {line.number for line in kept}
    return EvidenceItem(
        id=item_id(job),
        source=f"log of the job {job.name}",
        kind=EvidenceKind.RUNTIME,
        collected_at=now,
        status=EvidenceStatus.OK,
        note=f"{len(kept)} of {lines[-1].number} lines",
        lines=tuple(Line(number=line.number, text=line.text) for line in kept),
        observations=tuple(cleared((one for one in observations if one.line in shown), kept)),
    )


def _wanted(lines: Sequence[RawLine], observations: Sequence[Observation]) -> set[int]:
    """The numbers of the lines to keep: the observed first, then what surrounds them, then the end."""
    wanted: set[int] = set()
    for number in _by_worth(lines, observations):
        if len(wanted) >= _MOST_LINES:
            break
        wanted.add(number)
    return wanted


def _by_worth(lines: Sequence[RawLine], observations: Sequence[Observation]) -> Iterator[int]:
    seen = list(dict.fromkeys(one.line for one in observations))
    yield from seen
    failed = [one.line for one in observations if one.name == "step.failed"]
    # without a word of failure the end of the log is what was said last
    for end in failed[:2] or [lines[-1].number]:
        yield from range(max(lines[0].number, end - _END), end + 1)
    for number in seen:
        yield from range(max(lines[0].number, number - _BEFORE), number)
        yield from range(number + 1, min(lines[-1].number, number + _AFTER) + 1)
