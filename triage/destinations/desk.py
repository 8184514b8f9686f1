"""Between reports and couriers: it makes messages of reports, and says which of them go where."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection

from triage.clock import Clock
from triage.destinations.destination import Destination, Outcome
from triage.destinations.message import Message, origin_of
from triage.destinations.orders import destinations_of, want
from triage.destinations.routing import Routing, places, reachable
from triage.errors import UnknownIncident
from triage.report.document import Report
from triage.store.incidents import IncidentStore


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What messages need to know of the place where triage runs."""

    routing: Routing = field(default_factory=Routing)
    #: where people read reports
    public_url: str | None = None
    #: OWNER/NAME, where we write on GitHub
    repository: str | None = None
    default_branch: str = "main"

    def link(self, incident_id: str) -> str | None:
        """The report's page."""
        return f"{self.public_url.rstrip('/')}/incidents/{incident_id}" if self.public_url else None


class Order:
    """One report's part of the outbox: placed inside the transaction that keeps the report."""

    def __init__(
        self,
        incident_id: str,
        revisions: Mapping[str, str],
        routed: Sequence[str],
        clock: Clock,
        told: Callable[[Mapping[str, bool]], None],
    ) -> None:
        self._incident_id = incident_id
        self._revisions = revisions
        self._routed = routed
        self._clock = clock
        self._told = told
        self._changed: Mapping[str, bool] = {}

    def place(self, connection: Connection) -> None:
        """Note what is wanted: where the report goes by its routes, and where it is shown already."""
        names = {*self._routed, *destinations_of(connection, self._incident_id)}
        wanted = {name: self._revisions[name] for name in sorted(names & self._revisions.keys())}
        self._changed = want(connection, self._incident_id, wanted, self._clock())

    def placed(self) -> None:
        """The transaction is committed."""
        self._told(self._changed)


class Desk:
    """Makes orders of new reports, and messages of those that couriers ask for."""

    def __init__(
        self,
        store: IncidentStore,
        destinations: Sequence[Destination],
        surroundings: Surroundings,
        clock: Clock,
        count: Callable[[str, Outcome], None],
        wake: Callable[[], None] = lambda: None,
    ) -> None:
        self._store = store
        self._destinations = destinations
        self._surroundings = surroundings
        self._clock = clock
        self._count = count
        #: called when there is something to bring
        self.wake = wake

    def message(self, incident_id: str) -> Message:
        """What the incident's report says now.

        Raises:
            UnknownIncident: when there is none, or it has no report.
        """
        report = self._store.report(incident_id)
        if report is None:
            raise UnknownIncident(f"incident '{incident_id}' has no report.")
        return self._message(report)

    def order(self, report: Report) -> Order:
        """What each destination would show, and which of them shall.

        Raises:
            UnknownIncident: when there is no such incident.
        """
        message = self._message(report)
        routes = self._surroundings.routing.routes
        routed = reachable(places(report, message.origin, routes), message, self._surroundings.repository)
        revisions = {one.name: one.revision(message) for one in self._destinations}
        return Order(
            report.incident_id, revisions, [place.value for place in routed], self._clock, self._told
        )

    def _told(self, changed: Mapping[str, bool]) -> None:
        for name, is_new in changed.items():
            if not is_new:
                self._count(name, Outcome.UNCHANGED)
        self.wake()

    def _message(self, report: Report) -> Message:
        around = self._surroundings
        incident = self._store.read(report.incident_id)
        return Message(
            report=report,
            origin=origin_of(incident.primary, around.default_branch),
            team=around.routing.handle(report.team),
            url=around.link(report.incident_id),
            evidence=self._store.evidence(report.incident_id),
        )
