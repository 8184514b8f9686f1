"""A storm: more groups begin within a minute than anybody could read reports of.

Every alert is stored all the same. The most severe incidents are triaged in full, also when they come late;
the jobs of the others are held, and one incident of triage's own, the digest, lists them. When the storm has
passed, those that still fire are triaged after all, behind whatever is new.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection, Engine, bindparam, func, insert, select, update

from triage.alert import Alert, AlertBatch, AlertStatus
from triage.clock import Clock
from triage.incident import urgency_rank
from triage.queue.enqueueing import enqueue, enqueue_later, hold, hold_new, hold_waiting, is_held, let_go
from triage.queue.job import JobState
from triage.store import tables
from triage.store.database import reading
from triage.store.epochs import fires
from triage.store.incidents import read_incident
from triage.store.recording import record
from triage.store.writer import Writer
from triage.storms.policy import StormPolicy

ALERT = "AlertStorm"
#: triage's own incidents, which no storm holds back
OWN = "triage:"
GROUP = f"{OWN}storm"

#: incidents of a storm that has passed come after all that are new
_BEHIND = 10
#: a clock that was set back leaves times in the future, which are not of the last minute
_SKEW = timedelta(seconds=5)

_members, _storms = tables.storm_members, tables.storms
# made once: to build a statement costs as much as to run it
_ACTIVE = (
    select(_storms.c.id, _storms.c.digest_id, _storms.c.began_at)
    .where(_storms.c.ended_at.is_(None))
    .order_by(_storms.c.id)
    .limit(1)
)
_GRAVER = select(func.count()).where(
    _members.c.storm_id == bindparam("storm"), _members.c.in_full, _members.c.priority <= bindparam("rank")
)
_INSERT_MEMBER = insert(_members)
_OPENED = tables.incidents.c.opened_at
_OPENED_LATELY = (
    select(tables.incidents.c.id)
    .where(_OPENED.between(bindparam("since"), bindparam("until")))
    .where(~tables.incidents.c.group_key.startswith(OWN, autoescape=True))
    .order_by(_OPENED.desc())
    .limit(bindparam("most"))
)
_log = structlog.stdlib.get_logger()


@dataclass(frozen=True, slots=True)
class _Storm:
    id: int
    digest_id: str
    began_at: datetime


class Storms:
    """Decides, inside the intake's transactions, what is triaged at once."""

    def __init__(self, engine: Engine, writer: Writer, clock: Clock, policy: StormPolicy) -> None:
        self._engine = engine
        self._writer = writer
        self._clock = clock
        self._policy = policy

    def admits(self, connection: Connection, incident_id: str, alert: Alert, *, opened: bool) -> bool:
        """Whether an incident that got ``alert`` is triaged now; ``opened`` is whether it began with it.

        One that is not is held, and listed in the digest.
        """
        if not opened and not is_held(connection, incident_id):
            return True
        now, rank = self._clock(), _rank(alert)
        storm = _active(connection) or self._begun(connection, incident_id, now)
        if storm is None or self._joins(connection, storm.id, incident_id, alert, now, opened=opened):
            if not opened:
                let_go(connection, incident_id, now, rank)
            return True
        (hold_new if opened else hold)(connection, incident_id, now, rank)
        enqueue_later(connection, storm.digest_id, now, now + self._policy.digest_pause, 0)
        return False

    @property
    def is_active(self) -> bool:
        """Whether a storm goes on."""
        with reading(self._engine) as connection:
            return _active(connection) is not None

    def look(self) -> None:
        """End the storm when it has passed; looking again changes nothing.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: when the database can't be read or written.
        """
        if self.is_active:
            self._writer.submit(self._end_if_passed).result()

    def _begun(self, connection: Connection, latest: str, now: datetime) -> _Storm | None:
        lately = self._opened_lately(connection, now)
        if len(lately) <= self._policy.most_groups:
            return None
        told = record(connection, AlertBatch(GROUP, (_alert(now, None),)), now, timedelta(0))
        (digest_id,) = told.touched
        storm_id = connection.scalar(
            insert(_storms).values(digest_id=digest_id, began_at=now).returning(_storms.c.id)
        )
        storm = _Storm(int(storm_id or 0), digest_id, now)
        _log.warning("storm_began", incident=digest_id, groups=len(lately))
        self._sort_out(connection, storm, [found for found in lately if found != latest], now)
        enqueue_later(connection, digest_id, now, now + self._policy.digest_pause, 0)
        return storm

    def _sort_out(
        self, connection: Connection, storm: _Storm, incident_ids: Sequence[str], now: datetime
    ) -> None:
        """The groups that made it a storm: the gravest stay, others are held unless somebody began them."""
        primaries = [(found, read_incident(connection, found).primary) for found in incident_ids]
        for found, alert in sorted(primaries, key=lambda one: _rank(one[1])):
            if not self._joins(connection, storm.id, found, alert, now):
                _hold_unless_begun(connection, storm.id, found)

    def _joins(
        self,
        connection: Connection,
        storm_id: int,
        incident_id: str,
        alert: Alert,
        now: datetime,
        *,
        opened: bool = False,
    ) -> bool:
        """Make it a member, or a graver one than it was; whether it is one of those triaged in full."""
        rank = _rank(alert)
        graver = connection.scalar(_GRAVER, {"storm": storm_id, "rank": rank}) or 0
        in_full = graver < self._policy.full_reports
        values = {"storm_id": storm_id, "priority": rank, "in_full": in_full}
        values |= {"alertname": alert.name, "subject": alert.subject}
        same = _members.c.incident_id == incident_id
        if opened or not connection.execute(update(_members).where(same).values(**values)).rowcount:
            connection.execute(_INSERT_MEMBER, {"incident_id": incident_id, "joined_at": now, **values})
        return in_full

    def _end_if_passed(self, connection: Connection) -> None:
        now = self._clock()
        storm = _active(connection)
        if storm is None or len(self._opened_lately(connection, now)) > self._policy.most_groups:
            return
        connection.execute(update(_storms).where(_storms.c.id == storm.id).values(ended_at=now))
        held = (tables.jobs.c.state == JobState.HELD.value) & tables.jobs.c.incident_id.in_(
            select(_members.c.incident_id).where(_members.c.storm_id == storm.id)
        )
        after_all = {"state": JobState.QUEUED.value, "run_after": now}
        still = held & fires(tables.jobs.c.incident_id)
        late = connection.execute(
            update(tables.jobs).where(still).values(**after_all, priority=tables.jobs.c.priority + _BEHIND)
        ).rowcount
        done = {"state": JobState.DONE.value, "finished_at": now}
        connection.execute(update(tables.jobs).where(held).values(**done))
        over = _alert(storm.began_at, now)
        record(connection, AlertBatch(GROUP, (over,)), now, timedelta(0))
        enqueue(connection, storm.digest_id, now, 0)
        _log.warning("storm_passed", incident=storm.digest_id, triaged_after_all=late)

    def _opened_lately(self, connection: Connection, now: datetime) -> Sequence[str]:
        """The newest groups of the last minute in their order, one more than would be too many at most."""
        lately = {"since": now - self._policy.window, "until": now + _SKEW}
        query = {**lately, "most": self._policy.most_groups + 1}
        return connection.scalars(_OPENED_LATELY, query).all()[::-1]


def _active(connection: Connection) -> _Storm | None:
    row = connection.execute(_ACTIVE).first()
    return _Storm(*row) if row else None


def _hold_unless_begun(connection: Connection, storm_id: int, incident_id: str) -> None:
    """Hold its job; one that somebody began, or that is done, counts as triaged in full."""
    if hold_waiting(connection, incident_id):
        return
    same = (_members.c.incident_id == incident_id) & (_members.c.storm_id == storm_id)
    connection.execute(update(_members).where(same).values(in_full=True))


def _rank(alert: Alert) -> int:
    return urgency_rank(alert.labels.get("severity", ""))


def _alert(starts_at: datetime, ends_at: datetime | None) -> Alert:
    return Alert(
        fingerprint="storm",
        status=AlertStatus.RESOLVED if ends_at else AlertStatus.FIRING,
        starts_at=starts_at,
        ends_at=ends_at,
        labels={"alertname": ALERT, "severity": "critical"},
        annotations={
            "summary": "Too many groups at once: the gravest are triaged in full, the others are listed here",
            "runbook_url": "docs/runbooks/alert-storm.md",
        },
    )
