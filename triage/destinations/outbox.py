"""The outbox: one row for each incident and destination, committed together with the report that it is for.

A row outlives every crash between "this is to be shown" and "this is shown, under that id". It holds what is
wanted and what was sent as digests, so that a report that changes while it is on its way is sent again, and
one that does not change is not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, func, or_, select, update

from homeostat.redaction import redact
from triage.clock import Clock
from triage.destinations.delivery import (
    LONGEST_WAIT,
    Backlog,
    Delivery,
    DeliveryPolicy,
    DeliveryState,
    Entry,
    entry_of,
)
from triage.destinations.destination import (
    MAY_HAVE_ARRIVED,
    PERMANENT,
    DeliveryFailed,
    Doubt,
    Outcome,
    Receipt,
)
from triage.store.database import reading
from triage.store.tables import deliveries


class Outbox:
    """The outbox as the couriers of one process see it; ``worker`` is no other live process's name."""

    def __init__(self, engine: Engine, clock: Clock, policy: DeliveryPolicy, worker: str) -> None:
        self._engine = engine
        self._clock = clock
        self._policy = policy
        self._worker = worker

    def claim(self, destination: str) -> Delivery | None:
        """Take the delivery to ``destination`` that is due longest, or None when none is due.

        What has no external id is in doubt from here on, until its attempt is known to have failed: the doubt
        is committed before anything is sent.
        """
        now = self._clock()
        with self._engine.begin() as connection:
            self._reap(connection, destination, now)
            row = connection.execute(
                select(deliveries)
                .where(deliveries.c.destination == destination, self._is_due(now))
                .order_by(deliveries.c.run_after, deliveries.c.id)
                .limit(1)
                .with_for_update(skip_locked=True)
            ).first()
            if row is None:
                return None
            doubtful_since: datetime | None = row.doubtful_since
            in_doubt = row.external_id is None
            _set(
                connection,
                deliveries.c.id == row.id,
                state=DeliveryState.SENDING.value,
                attempts=row.attempts + 1,
                leased_until=now + self._policy.lease,
                worker=self._worker,
                doubtful_since=(doubtful_since or now) if in_doubt else None,
            )
        doubt = Doubt(max(timedelta(), now - doubtful_since)) if doubtful_since and in_doubt else None
        return Delivery(row.id, row.incident_id, row.attempts + 1, row.external_id, doubt)

    def succeed(self, delivery: Delivery, receipt: Receipt, revision: str) -> None:
        """It is shown; if something else is wanted by now it is due again.

        The id is kept even when the lease was lost: it is the only way back to the post.
        """
        now = self._clock()
        with self._engine.begin() as connection:
            row = connection.execute(select(deliveries).where(deliveries.c.id == delivery.id)).first()
            if row is None:
                return
            shown = {"external_id": receipt.external_id, "doubtful_since": None}
            if not self._is_ours(row, delivery):
                _set(connection, deliveries.c.id == row.id, **shown)
                return
            is_current = row.wanted == revision
            _set(
                connection,
                deliveries.c.id == row.id,
                **shown,
                **_FREE,
                state=(DeliveryState.SENT if is_current else DeliveryState.PENDING).value,
                sent=revision,
                attempts=0,
                run_after=now,
                outcome=receipt.outcome.value,
                last_error=None,
                waiting_since=None if is_current else row.waiting_since,
            )

    def fail(self, delivery: Delivery, failure: DeliveryFailed) -> DeliveryState:
        """The attempt failed: try again later, or give up where no retry can help; the row's new state."""
        with self._engine.begin() as connection:
            row = connection.execute(select(deliveries).where(deliveries.c.id == delivery.id)).first()
            if row is None:
                return DeliveryState.DEAD
            posted = {"external_id": failure.posted, "doubtful_since": None} if failure.posted else {}
            if not self._is_ours(row, delivery):
                if posted:
                    _set(connection, deliveries.c.id == row.id, **posted)
                return DeliveryState(row.state)
            spent = delivery.attempt >= self._policy.attempts
            state = DeliveryState.DEAD if spent or failure.outcome in PERMANENT else DeliveryState.PENDING
            changes: dict[str, Any] = {"state": state.value, "last_error": redact(str(failure)), **_FREE}
            if delivery.doubt is None and failure.outcome not in MAY_HAVE_ARRIVED:
                changes["doubtful_since"] = None
            if failure.outcome is Outcome.GONE:
                changes |= {"external_id": None, "doubtful_since": None}
            changes |= {
                "run_after": self._again(delivery, failure),
                "outcome": failure.outcome.value,
                **posted,
            }
            _set(connection, deliveries.c.id == row.id, **changes)
        return state

    def resume(self) -> int:
        """At start: what a former process under the same name was sending when it died is due, in doubt."""
        now = self._clock()
        with self._engine.begin() as connection:
            ours = (deliveries.c.state == DeliveryState.SENDING.value) & (deliveries.c.worker == self._worker)
            return self._release(connection, ours, now, "its process stopped while it was sent")

    def resend(self, delivery_id: int) -> Entry | None:
        """Make a row due at once, whatever its state, with all its attempts; None when there is none.

        One that is being sent keeps its lease.
        """
        return self._renew(delivery_id, {})

    def repost(self, delivery_id: int) -> Entry | None:
        """Like :meth:`resend`, and forget the post: a person has looked, and there is none."""
        return self._renew(delivery_id, {"external_id": None, "doubtful_since": None})

    def entries(self, limit: int = 200) -> Sequence[Entry]:
        """The latest rows, those that were given up and those that wait first."""
        rank = {DeliveryState.DEAD: 0, DeliveryState.PENDING: 1, DeliveryState.SENDING: 1}
        query = select(deliveries).order_by(deliveries.c.id.desc()).limit(limit)
        open_states = [state.value for state in rank]
        with reading(self._engine) as connection:
            pressing = connection.execute(query.where(deliveries.c.state.in_(open_states))).all()
            others = connection.execute(query.where(deliveries.c.state.not_in(open_states))).all()
        found = [entry_of(row) for row in (*pressing, *others)]
        return sorted(found, key=lambda entry: rank.get(entry.state, 2))[:limit]

    def backlog(self) -> Mapping[str, Backlog]:
        """By destination; those without any row are missing."""
        counts = select(deliveries.c.destination, deliveries.c.state, func.count()).group_by(
            deliveries.c.destination, deliveries.c.state
        )
        waits = deliveries.c.state.in_([DeliveryState.PENDING.value, DeliveryState.SENDING.value])
        oldest = (
            select(deliveries.c.destination, func.min(deliveries.c.waiting_since).label("since"))
            .where(waits)
            .group_by(deliveries.c.destination)
        )
        with reading(self._engine) as connection:
            states = {(where, DeliveryState(state)): int(n) for where, state, n in connection.execute(counts)}
            since = {row.destination: row.since for row in connection.execute(oldest)}
        return {
            where: Backlog(
                pending=states.get((where, DeliveryState.PENDING), 0)
                + states.get((where, DeliveryState.SENDING), 0),
                dead=states.get((where, DeliveryState.DEAD), 0),
                oldest=since.get(where),
            )
            for where in sorted({where for where, _ in states})
        }

    def _renew(self, delivery_id: int, changes: Mapping[str, Any]) -> Entry | None:
        now = self._clock()
        same = deliveries.c.id == delivery_id
        with self._engine.begin() as connection:
            _set(
                connection,
                same & (deliveries.c.state != DeliveryState.SENDING.value),
                state=DeliveryState.PENDING.value,
                sent=None,
                attempts=0,
                run_after=now,
                waiting_since=now,
                **changes,
            )
            row = connection.execute(select(deliveries).where(same)).first()
        return entry_of(row) if row else None

    def _again(self, delivery: Delivery, failure: DeliveryFailed) -> datetime:
        wait = self._policy.backoff.after(delivery.attempt)
        if failure.wait is not None:
            wait = max(wait, min(failure.wait, LONGEST_WAIT))
        return self._clock() + wait

    def _is_due(self, now: datetime) -> Any:
        """Waited long enough, or waits for a moment that a clock gave that was set back since."""
        return (deliveries.c.state == DeliveryState.PENDING.value) & or_(
            deliveries.c.run_after <= now, deliveries.c.run_after > now + self._policy.longest_wait
        )

    def _is_ours(self, row: Any, delivery: Delivery) -> bool:
        return (
            row.state == DeliveryState.SENDING.value
            and row.attempts == delivery.attempt
            and row.worker == self._worker
        )

    def _reap(self, connection: Connection, destination: str, now: datetime) -> None:
        late = or_(deliveries.c.leased_until <= now, deliveries.c.leased_until > now + self._policy.lease)
        left = (
            (deliveries.c.destination == destination)
            & (deliveries.c.state == DeliveryState.SENDING.value)
            & late
        )
        self._release(connection, left, now, "its courier's lease ran out")

    def _release(self, connection: Connection, which: Any, now: datetime, reason: str) -> int:
        """Back to pending, the doubt kept; those without an attempt left are given up."""
        spent = deliveries.c.attempts >= self._policy.attempts
        told: dict[str, Any] = {"last_error": reason, "run_after": now, **_FREE}
        dead = _set(connection, which & spent, state=DeliveryState.DEAD.value, **told)
        return dead + _set(connection, which, state=DeliveryState.PENDING.value, **told)


_FREE: Mapping[str, Any] = {"leased_until": None, "worker": None}


def _set(connection: Connection, which: Any, **values: Any) -> int:
    return connection.execute(update(deliveries).where(which).values(**values)).rowcount
