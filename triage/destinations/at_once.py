"""Publishing without a database, as a workflow does: what an earlier run posted is found and edited."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from triage.destinations.destination import DeliveryFailed, Destination, Doubt, Receipt
from triage.destinations.message import Message

#: a run that is older is not run again
_OLDEST = timedelta(days=60)


def publish_at_once(
    message: Message, destinations: Sequence[Destination]
) -> tuple[dict[str, Receipt], dict[str, DeliveryFailed]]:
    """Show ``message`` at each destination, and by name what came of it; none keeps another one waiting.

    The marker is the only memory here, so it is always looked for first.
    """
    shown: dict[str, Receipt] = {}
    failed: dict[str, DeliveryFailed] = {}
    for destination in destinations:
        try:
            shown[destination.name] = destination.deliver(message, None, Doubt(_OLDEST))
        except DeliveryFailed as failure:
            failed[destination.name] = failure
    return shown, failed
