"""The events of the alert's objects in lines: newest first, and what says the same once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from triage.clock import stamp
from triage.evidence.item import EvidenceItem
from triage.evidence.kubernetes.answer import Answer
from triage.evidence.kubernetes.event import Event
from triage.evidence.kubernetes.numbered import Numbered, nothing
from triage.evidence.kubernetes.statement import Statement, say

_MOST = 40
_SOURCE = "Kubernetes events"


def event_items(events: Answer[Event], now: datetime) -> Sequence[EvidenceItem]:
    """One item with all of them."""
    if not events.objects:
        return [nothing("events", _SOURCE, events.status, events.note, now)]
    different = _without_repeats(events.objects)
    lines = Numbered()
    for event, times in different[:_MOST]:
        say(lines, event_statement(event, times))
    left = len(different) - _MOST
    note = f"truncated: {left} older ones are left out" if left > 0 else events.note
    return [lines.item("events", _SOURCE, now, note)]


def event_statement(event: Event, times: int) -> Statement:
    """What an event says; one that says the same several times says it once."""
    about = f"{event.involved_object.kind} {event.involved_object.name}"
    often = f", {times} times" if times > 1 else ""
    return Statement(
        f"{stamp(event.last_seen)} {event.type} {event.reason} of {about}{often}: {event.message}",
        ("message",),
        "event",
        event.last_seen,
        {"times": float(times)},
        {
            "type": event.type,
            "reason": event.reason,
            "kind": event.involved_object.kind,
            "object": event.involved_object.name,
            "message": event.message,
        },
    )


def _without_repeats(events: Sequence[Event]) -> Sequence[tuple[Event, int]]:
    """The newest of those that say the same about the same object, and how often it was said."""
    newest: dict[tuple[str, str, str, str], tuple[Event, int]] = {}
    for event in sorted(events, key=lambda one: one.last_seen):
        about = event.involved_object
        key = (about.kind, about.name, event.reason, event.message)
        times = newest[key][1] if key in newest else 0
        newest[key] = (event, times + event.times)
    return sorted(newest.values(), key=lambda pair: pair[0].last_seen, reverse=True)
