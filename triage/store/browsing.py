"""The list of incidents as people look through it: what burns first, filtered, a page at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Text, case, cast, func, or_, select

from triage.incident import Incident, urgency_rank
from triage.store import tables
from triage.store.database import reading
from triage.store.epochs import fires
from triage.store.incidents import read_incidents

PAGE = 50
_incidents, _alerts = tables.incidents, tables.alerts
_traits, _reports = tables.traits, tables.reports
_KNOWN = ("critical", "warning", "info")


class Shown(StrEnum):
    """Which incidents are listed."""

    ALL = "all"
    FIRING = "firing"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody looks for; pages count from 1."""

    shown: Shown = Shown.ALL
    text: str = ""
    page: int = 1


@dataclass(frozen=True, slots=True)
class Row:
    """One incident with the first cause of its report; without a report there is none yet."""

    incident: Incident
    has_report: bool
    #: empty when the report shows none; None when nothing is known of it, as before traits were kept
    cause: str | None
    confidence: float | None


@dataclass(frozen=True, slots=True)
class Listed:
    """One page of the list."""

    rows: Sequence[Row]
    #: that match, on all pages
    total: int
    #: of all incidents, whatever is looked for
    firing: int
    #: whether there is any incident at all
    any: bool


def browse(engine: Engine, wanted: Wanted) -> Listed:
    """Firing before resolved; among those the most severe and then the latest first."""
    burning = fires(_incidents.c.id)
    match = _matching(wanted, burning)
    joined = _incidents.outerjoin(_traits, _traits.c.incident_id == _incidents.c.id).outerjoin(
        _reports, _reports.c.incident_id == _incidents.c.id
    )
    query = (
        select(_incidents.c.id, _traits.c.cause_title, _traits.c.confidence, _reports.c.incident_id)
        .select_from(joined)
        .where(*match)
        .order_by(case((burning, 0), else_=1), _rank(burning), _incidents.c.opened_at.desc(), _incidents.c.id)
        .limit(PAGE)
        .offset((wanted.page - 1) * PAGE)
    )
    with reading(engine) as connection:
        found = connection.execute(query).all()
        incidents = read_incidents(connection, [row.id for row in found])
        total = _count(connection, match)
        firing = _count(connection, [burning])
        everything = total or _count(connection, [])
    return Listed([_row(one, incidents) for one in found], total, firing, bool(everything))


def _matching(wanted: Wanted, burning: ColumnElement[bool]) -> Sequence[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.shown is not Shown.ALL:
        conditions.append(burning if wanted.shown is Shown.FIRING else ~burning)
    # under another name: the list itself joins the traits
    reported = _traits.alias()
    for word in wanted.text.split():
        told = _alerts.c.incident_id == _incidents.c.id
        in_labels = cast(_alerts.c.labels, Text).icontains(word, autoescape=True)
        of_report = reported.c.incident_id == _incidents.c.id
        in_cause = reported.c.cause_title.icontains(word, autoescape=True)
        conditions.append(
            or_(
                _incidents.c.id.icontains(word, autoescape=True),
                select(_alerts.c.id).where(told, in_labels).exists(),
                select(reported.c.incident_id).where(of_report, in_cause).exists(),
            )
        )
    return conditions


def _rank(burning: ColumnElement[bool]) -> ColumnElement[int]:
    """By severity while it fires; what nobody looked at yet comes first, and the past is in order of time."""
    ranks = [(_traits.c.severity == name, urgency_rank(name)) for name in _KNOWN]
    unseen = (_traits.c.incident_id.is_(None), -1)
    return case((~burning, 0), unseen, *ranks, else_=urgency_rank(""))


def _count(connection: Connection, conditions: Sequence[ColumnElement[bool]]) -> int:
    return connection.scalar(select(func.count()).select_from(_incidents).where(*conditions)) or 0


def _row(found: Any, incidents: Mapping[str, Incident]) -> Row:
    return Row(incidents[found.id], found.incident_id is not None, found.cause_title, found.confidence)
