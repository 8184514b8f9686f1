"""The digest: what a storm was made of, as a report like any other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Engine, case, func, select

from triage.alert import AlertStatus
from triage.incident import Incident
from triage.queue.job import JobState
from triage.report.compose import Findings, compose
from triage.report.document import AlertLine, Report
from triage.store import tables
from triage.store.database import reading

#: of one alert's subjects; the others are counted
_MOST_SUBJECTS = 25
#: different alerts; those that follow are counted together
_MOST_NAMES = 200

_members, _jobs = tables.storm_members, tables.jobs


@dataclass(frozen=True, slots=True)
class Kind:
    """The incidents of one alert that a storm holds back or held back."""

    alertname: str
    incidents: int
    first: datetime
    last: datetime
    subjects: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Census:
    """What one digest covers."""

    in_full: int
    held: int
    kinds: tuple[Kind, ...]

    @property
    def listed(self) -> int:
        """How many incidents were not triaged at once."""
        return sum(kind.incidents for kind in self.kinds)


def census(engine: Engine, digest_id: str) -> Census:
    """Count the incidents of the digest's storms."""
    storms = select(tables.storms.c.id).where(tables.storms.c.digest_id == digest_id)
    ours = _members.c.storm_id.in_(storms)
    rest = ours & ~_members.c.in_full
    waiting = select(func.count()).where(
        _jobs.c.state == JobState.HELD.value,
        _jobs.c.incident_id.in_(select(_members.c.incident_id).where(rest)),
    )
    with reading(engine) as connection:
        in_full = connection.scalar(select(func.count()).where(ours, _members.c.in_full)) or 0
        held = connection.scalar(waiting) or 0
        rows = connection.execute(_kinds(rest)).all()
        shown = rows[:_MOST_NAMES]
        kinds = [_kind(row, connection.scalars(_subjects(rest, row.alertname)).all()) for row in shown]
    return Census(in_full, held, (*kinds, *_remainder(rows[_MOST_NAMES:])))


def digest(incident: Incident, counted: Census, now: datetime) -> Report:
    """The report of the digest's incident: a line for each alert's name, the gravest first."""
    report = compose(incident, Findings([], [], []), now)
    headline = _headline(incident, counted)
    lines = (headline, *(_line(kind) for kind in counted.kinds))
    about = {"subject": f"{counted.listed} incidents", "sentence": headline.summary}
    return report.model_copy(update={"alerts": lines, **about})


def _kinds(rest: ColumnElement[bool]):  # noqa: ANN202 - SQLAlchemy's own long type
    count = func.count().label("incidents")
    return (
        select(
            _members.c.alertname,
            count,
            func.min(_members.c.joined_at).label("first"),
            func.max(_members.c.joined_at).label("last"),
        )
        .where(rest)
        .group_by(_members.c.alertname)
        .order_by(func.min(_members.c.priority), count.desc(), _members.c.alertname)
    )


def _subjects(rest: ColumnElement[bool], alertname: str):  # noqa: ANN202 - SQLAlchemy's own long type
    same = rest & (_members.c.alertname == alertname) & (_members.c.subject != "")
    return (
        select(_members.c.subject)
        .where(same)
        .group_by(_members.c.subject)
        .order_by(func.min(case((_members.c.in_full, 1), else_=0)), _members.c.subject)
        .limit(_MOST_SUBJECTS)
    )


def _kind(row: Any, subjects: Sequence[str]) -> Kind:
    return Kind(row.alertname, row.incidents, row.first, row.last, tuple(subjects))


def _remainder(rows: Sequence[Any]) -> Sequence[Kind]:
    if not rows:
        return ()
    first, last = min(row.first for row in rows), max(row.last for row in rows)
    name = f"{len(rows)} alerts of other names"
    return (Kind(name, sum(row.incidents for row in rows), first, last, ()),)


def _headline(incident: Incident, counted: Census) -> AlertLine:
    alert = incident.primary
    fate = (
        f"{counted.held} wait for the end of the storm, and are triaged then if they still fire"
        if incident.status is AlertStatus.FIRING
        else "those that still fired when it passed are triaged after all"
    )
    return AlertLine(
        name=alert.name,
        model="",
        status=incident.status,
        starts_at=incident.started_at,
        ends_at=incident.resolved_at,
        summary=(
            f"{counted.in_full + counted.listed} incidents began at once. {counted.in_full} of the gravest "
            f"are triaged in full, {counted.listed} are listed here; {fate}."
        ),
    )


def _line(kind: Kind) -> AlertLine:
    more = kind.incidents - len(kind.subjects)
    about = ", ".join(kind.subjects) + (f" and {more} more" if kind.subjects and more > 0 else "")
    incidents = "1 incident" if kind.incidents == 1 else f"{kind.incidents} incidents"
    return AlertLine(
        name=kind.alertname,
        model="",
        status=AlertStatus.RESOLVED,
        starts_at=kind.first,
        ends_at=kind.last,
        summary=f"{incidents}, the first and the last at these times" + (f": {about}" if about else ""),
    )
