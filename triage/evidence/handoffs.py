"""The last hand-offs of the alert's model: what was put before traffic, when, and by whom."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from triage.clock import Clock, stamp
from triage.evidence.collector import Scope
from triage.evidence.git import Git, GitTimeout, GitUnavailable
from triage.evidence.item import EvidenceItem, EvidenceKind, EvidenceStatus, Line, Observation
from triage.evidence.release_history import HandOff, hand_offs

_MOST = 5


class HandOffCollector:
    """Reads the log of ``manifests/models/<model>/release.yaml`` in the forge."""

    name = "handoffs"

    def __init__(self, git: Git, clock: Clock) -> None:
        self._git = git
        self._clock = clock

    def collect(self, scope: Scope) -> Sequence[EvidenceItem]:
        """One item with a line for each hand-off, newest first."""
        if scope.model is None:
            return [self._item(EvidenceStatus.EMPTY, note="the alert names no model")]
        try:
            # a second's grace: git's times are whole seconds
            found = hand_offs(self._git, scope.model, _MOST, scope.until + timedelta(seconds=1))
        except GitTimeout as error:
            return [self._item(EvidenceStatus.TIMEOUT, note=str(error))]
        except GitUnavailable as error:
            return [self._item(EvidenceStatus.ERROR, note=str(error))]
        if not found:
            return [self._item(EvidenceStatus.EMPTY, note=f"main holds no release of {scope.model}")]
        return [self._item(EvidenceStatus.OK, found, self._git.staleness())]

    def _item(self, status: EvidenceStatus, found: Sequence[HandOff] = (), note: str = "") -> EvidenceItem:
        return EvidenceItem(
            id="handoffs",
            source=f"git log of the releases in {self._git.repository.name}",
            kind=EvidenceKind.CHANGE,
            collected_at=self._clock(),
            status=status,
            note=note,
            lines=tuple(Line(number=at, text=_text(one)) for at, one in enumerate(found, start=1)),
            observations=tuple(_observation(at, one) for at, one in enumerate(found, start=1)),
        )


def _text(hand_off: HandOff) -> str:
    said = f"{stamp(hand_off.at)} {hand_off.commit[:12]} by {hand_off.author}: {hand_off.subject}"
    return f"{said} ({hand_off.trailers})" if hand_off.trailers else said


def _observation(line: int, hand_off: HandOff) -> Observation:
    return Observation(name="handoff", line=line, at=hand_off.at, texts={"commit": hand_off.commit})
