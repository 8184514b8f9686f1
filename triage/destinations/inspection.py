"""The outbox at a terminal: what waits, what was given up and why, and how it is sent after all."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from homeostat.errors import HomeostatError
from homeostat.paths import repository_root, state_directory
from triage.clock import stamp, utc_now
from triage.destinations.delivery import DeliveryPolicy, Entry
from triage.destinations.outbox import Outbox
from triage.store.database import open_database


def open_outbox() -> Outbox:
    """The outbox of ``TRIAGE_DATABASE_URL``, as in triage's own container, else of this site.

    Raises:
        HomeostatError: when there is none.
    """
    url = os.environ.get("TRIAGE_DATABASE_URL")
    if not url:
        file = state_directory(repository_root()) / "services" / "triage" / "triage.db"
        if not file.is_file():
            raise HomeostatError(f"there is no {file}: start the platform with 'make up' first.")
        url = f"sqlite:///{file}"
    return Outbox(open_database(url), utc_now, DeliveryPolicy(), "a person")


def listed() -> Sequence[Mapping[str, Any]]:
    """Every delivery, the most pressing first.

    Raises:
        HomeostatError: when the database can't be read.
    """
    return [_told(entry) for entry in open_outbox().entries()]


def sent_again(delivery_id: int) -> Mapping[str, Any]:
    """Make it due at once; what is shown already is edited.

    Raises:
        HomeostatError: when there is no such delivery.
    """
    return _known(delivery_id, open_outbox().resend(delivery_id))


def posted_anew(delivery_id: int) -> Mapping[str, Any]:
    """Make it due at once as if it had never been sent.

    Raises:
        HomeostatError: when there is no such delivery.
    """
    return _known(delivery_id, open_outbox().repost(delivery_id))


def _known(delivery_id: int, entry: Entry | None) -> Mapping[str, Any]:
    if entry is None:
        raise HomeostatError(f"there is no delivery {delivery_id}: 'homeostat triage outbox' lists them.")
    return _told(entry)


def _told(entry: Entry) -> Mapping[str, Any]:
    return {
        "id": entry.id,
        "incident": entry.incident_id,
        "destination": entry.destination,
        "state": entry.state.value,
        "post": entry.external_id,
        "attempts": entry.attempts,
        "run_after": stamp(entry.run_after),
        "outcome": entry.outcome,
        "error": entry.last_error,
    }
