"""A job's work: an incident is diagnosed, and the digest of a storm is counted."""

from __future__ import annotations

from collections.abc import Callable

import structlog
from sqlalchemy import Engine

from triage.clock import Clock
from triage.report.document import Report
from triage.store.incidents import IncidentStore
from triage.storms.digest import census, digest
from triage.storms.storms import GROUP

_log = structlog.stdlib.get_logger()


class Dispatch:
    """What the worker runs for every job; running it again changes nothing more."""

    def __init__(
        self,
        engine: Engine,
        store: IncidentStore,
        publish: Callable[[Report], object],
        clock: Clock,
        diagnose: Callable[[str], None],
    ) -> None:
        self._engine = engine
        self._store = store
        self._publish = publish
        self._clock = clock
        self._diagnose = diagnose

    def __call__(self, incident_id: str) -> None:
        """Bring the incident's report up to date."""
        incident = self._store.read(incident_id)
        if incident.group_key != GROUP:
            self._diagnose(incident_id)
            return
        report = digest(incident, census(self._engine, incident_id), self._clock())
        self._publish(report)
        _log.info("digest_written", incident=incident_id, status=report.status)
