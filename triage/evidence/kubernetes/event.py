"""Kubernetes events: what its own programs noted about an object, kept for an hour."""

from __future__ import annotations

from datetime import UTC, datetime

from pydantic import AwareDatetime

from triage.evidence.kubernetes.foreign import Foreign, Meta

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


class Involved(Foreign):
    """The object that an event is about."""

    kind: str = ""
    name: str = ""


class Series(Foreign):
    """How often an event was seen, in the newer form."""

    count: int = 0
    last_observed_time: AwareDatetime | None = None


class Event(Foreign):
    """One event."""

    metadata: Meta = Meta()
    involved_object: Involved = Involved()
    type: str = ""
    reason: str = ""
    message: str = ""
    count: int = 1
    first_timestamp: AwareDatetime | None = None
    last_timestamp: AwareDatetime | None = None
    event_time: AwareDatetime | None = None
    series: Series = Series()

    @property
    def last_seen(self) -> datetime:
        """When it was noted last, by whichever field its reporter fills."""
        said = (self.series.last_observed_time, self.last_timestamp, self.event_time)
        known = [moment for moment in (*said, self.metadata.creation_timestamp) if moment]
        return known[0] if known else _LONG_AGO

    @property
    def times(self) -> int:
        """How often it was noted."""
        return max(self.count, self.series.count, 1)
