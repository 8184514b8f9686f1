"""What was decided about training models again: one row an incident, written before anybody is asked.

A row outlives every crash between "this model is to be trained" and "that was asked for". Its model is not
asked for again within the cooldown, whichever incident would want it, and an incident never twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Engine, desc, insert, or_, select, update

from triage.clock import Clock, stamp
from triage.drift.retraining import Request, RetrainingFailed
from triage.queue.backoff import Backoff
from triage.queue.enqueueing import enqueue
from triage.store.database import reading
from triage.store.locks import RETRAINING, lock
from triage.store.tables import incidents, retrainings

#: longer than the calls of one attempt take; also long enough for GitHub to list what was dispatched
_LEASE = timedelta(seconds=120)
_ATTEMPTS = 30
_BACKOFF = Backoff(base_seconds=5.0, most_seconds=900.0)


class RetrainingState(StrEnum):
    """Where a decision is."""

    #: to be asked for, from its ``run_after`` on
    WANTED = "wanted"
    #: somebody asks, until ``leased_until``; after that it is wanted again, and in doubt
    ASKING = "asking"
    ASKED = "asked"
    #: decided against; the reason says why
    DECLINED = "declined"
    #: it may have been asked for and nobody can tell; it is never asked again
    UNDECIDED = "undecided"
    #: it could not be asked for
    FAILED = "failed"


_COUNTS = [state.value for state in RetrainingState if state.value not in {"declined", "failed"}]


@dataclass(frozen=True, slots=True)
class Decision:
    """One row as a report tells it."""

    model: str
    state: RetrainingState
    reason: str
    decided_at: datetime
    asked_at: datetime | None


@dataclass(frozen=True, slots=True)
class Claimed:
    """One row that is to be asked for now."""

    request: Request
    #: this attempt's number, from 1; it fences off one that comes back too late
    attempt: int
    in_doubt: bool


class Retrainings:
    """The decisions of one database."""

    def __init__(self, engine: Engine, clock: Clock, cooldown: timedelta) -> None:
        self._engine = engine
        self._clock = clock
        self._cooldown = cooldown

    def of(self, incident_id: str) -> Decision | None:
        """What was decided for the incident, or None when nothing was."""
        query = select(retrainings).where(retrainings.c.incident_id == incident_id)
        with reading(self._engine) as connection:
            row = connection.execute(query).first()
        return _decision(row) if row else None

    def decide(self, request: Request, objection: str = "") -> Decision:
        """Keep that the model is to be trained, unless ``objection`` or the cooldown speaks against it.

        The first decision of an incident stands, whoever decides again.
        """
        now = self._clock()
        with self._engine.begin() as connection:
            lock(connection, RETRAINING)
            same = select(retrainings).where(retrainings.c.incident_id == request.id)
            if (row := connection.execute(same).first()) is not None:
                return _decision(row)
            reason = objection or self._cooling(connection, request.model, now)
            state = RetrainingState.DECLINED if reason else RetrainingState.WANTED
            values: dict[str, Any] = {
                "incident_id": request.id,
                "model": request.model,
                "version": request.version,
                "urgency": request.urgency,
                "state": state.value,
                "reason": reason,
                "decided_at": now,
                "run_after": now,
                "attempts": 0,
            }
            connection.execute(insert(retrainings).values(**values))
        return Decision(request.model, state, reason, now, None)

    def _cooling(self, connection: Connection, model: str, now: datetime) -> str:
        lately = (
            select(retrainings)
            .where(
                retrainings.c.model == model,
                retrainings.c.state.in_(_COUNTS),
                retrainings.c.decided_at > now - self._cooldown,
            )
            .order_by(desc(retrainings.c.decided_at))
            .limit(1)
        )
        row = connection.execute(lately).first()
        if row is None:
            return ""
        until = row.decided_at + self._cooldown
        return (
            f"cooldown: {model} was set to be trained again at {stamp(row.decided_at)} for incident "
            f"{row.incident_id}, and is not before {stamp(until)}"
        )

    def claim(self) -> Claimed | None:
        """Take what is due longest; that a call may now arrive is committed before it is made."""
        now = self._clock()
        with self._engine.begin() as connection:
            row = connection.execute(_due(now)).first()
            if row is None:
                return None
            values: dict[str, Any] = {
                "state": RetrainingState.ASKING.value,
                "attempts": row.attempts + 1,
                "leased_until": now + _LEASE,
                "doubtful_since": row.doubtful_since or now,
            }
            connection.execute(update(retrainings).where(retrainings.c.id == row.id).values(**values))
        request = Request(row.incident_id, row.model, row.version, row.urgency, row.decided_at)
        return Claimed(request, row.attempts + 1, row.doubtful_since is not None)

    def succeed(self, claimed: Claimed, where: str) -> None:
        """It was asked for, there; the incident's report is told anew."""
        now = self._clock()
        values = {
            "state": RetrainingState.ASKED.value,
            "asked_at": now,
            "reason": where,
            "doubtful_since": None,
        }
        self._finish(claimed, values, now)

    def fail(self, claimed: Claimed, failure: RetrainingFailed) -> RetrainingState:
        """The attempt failed: again later, or never; the row's new state."""
        now = self._clock()
        in_doubt = claimed.in_doubt or failure.may_have_arrived
        if failure.permanent or claimed.attempt >= _ATTEMPTS:
            state = RetrainingState.UNDECIDED if in_doubt else RetrainingState.FAILED
            self._finish(claimed, {"state": state.value, "reason": str(failure)}, now)
            return state
        wait = max(failure.wait or timedelta(), _BACKOFF.after(claimed.attempt))
        values: dict[str, Any] = {
            "state": RetrainingState.WANTED.value,
            "reason": str(failure),
            # in doubt GitHub gets time to list what it may have taken
            "run_after": now + (max(wait, _LEASE) if in_doubt else wait),
        }
        if not in_doubt:
            values["doubtful_since"] = None
        with self._engine.begin() as connection:
            connection.execute(update(retrainings).where(_ours(claimed)).values(**values))
        return RetrainingState.WANTED

    def _finish(self, claimed: Claimed, values: Mapping[str, Any], now: datetime) -> None:
        incident_id = claimed.request.id
        with self._engine.begin() as connection:
            connection.execute(update(retrainings).where(_ours(claimed)).values(leased_until=None, **values))
            known = select(incidents.c.id).where(incidents.c.id == incident_id)
            if connection.scalar(known) is not None:
                enqueue(connection, incident_id, now)


def _due(now: datetime) -> Any:
    # a wait longer than any that is ever given was written before the clock was set back
    longest = timedelta(hours=1)
    after = retrainings.c.run_after
    wanted = (retrainings.c.state == RetrainingState.WANTED.value) & or_(after <= now, after > now + longest)
    until = retrainings.c.leased_until
    left = (retrainings.c.state == RetrainingState.ASKING.value) & or_(until <= now, until > now + _LEASE)
    return (
        select(retrainings)
        .where(or_(wanted, left))
        .order_by(after, retrainings.c.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )


def _ours(claimed: Claimed) -> Any:
    return (
        (retrainings.c.incident_id == claimed.request.id)
        & (retrainings.c.state == RetrainingState.ASKING.value)
        & (retrainings.c.attempts == claimed.attempt)
    )


def _decision(row: Any) -> Decision:
    return Decision(row.model, RetrainingState(row.state), row.reason, row.decided_at, row.asked_at)
