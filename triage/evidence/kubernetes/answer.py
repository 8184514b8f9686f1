"""What a question to the API brought: objects, or the reason why there are none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from triage.evidence.item import EvidenceStatus

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Answer(Generic[T]):
    """Objects of one kind; a failure is an answer too, since it becomes evidence."""

    status: EvidenceStatus
    objects: tuple[T, ...] = ()
    #: why it is not ok, or what was left out
    note: str = ""

    @property
    def first(self) -> T | None:
        """The only object that was asked for, if it is there."""
        return self.objects[0] if self.objects else None


def together(answers: Sequence[Answer[T]], nothing: str) -> Answer[T]:
    """Several questions of one kind as one answer; ``nothing`` is the note when none brought anything.

    >>> there, denied = Answer(EvidenceStatus.OK, (1,)), Answer(EvidenceStatus.FORBIDDEN, note="no.")
    >>> together([there, denied], "nothing there")
    Answer(status=<EvidenceStatus.OK: 'ok'>, objects=(1,), note='no.')
    """
    objects = tuple(found for answer in answers for found in answer.objects)
    notes = "; ".join(dict.fromkeys(answer.note for answer in answers if answer.note))
    if objects:
        return Answer(EvidenceStatus.OK, objects, notes)
    failed = (answer.status for answer in answers if answer.status not in _SAID)
    return Answer(next(failed, EvidenceStatus.EMPTY), (), notes or nothing)


_SAID = frozenset({EvidenceStatus.OK, EvidenceStatus.EMPTY})
