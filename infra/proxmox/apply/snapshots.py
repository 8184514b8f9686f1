"""A snapshot before a running machine is changed: the last two of them are kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from infra.proxmox.apply.work import MachineAt
from infra.proxmox.errors import Declined, ProxmoxError, TaskFailed
from infra.proxmox.plan.moving import OWN_SNAPSHOT

KEPT = 2
_SECONDS = 1800.0
#: what Proxmox says of disks such as raw files, and of devices that are passed through
_UNAVAILABLE = "snapshot feature is not available"


def snapshot(place: MachineAt) -> str:
    """Take one of the disks and delete those that are too old; its name, or "" where none can be taken."""
    name = f"{OWN_SNAPSHOT}{datetime.fromtimestamp(place.api.server_time(), UTC):%Y%m%d-%H%M%S}"
    try:
        _take(place, name)
    except (Declined, TaskFailed) as error:
        if _UNAVAILABLE not in str(error):
            raise
        place.say("no snapshot before it: the storage of one of its disks can't take any")
        return ""
    _prune(place)
    return name


def drop(place: MachineAt, names: Sequence[str]) -> None:
    """Delete those of our snapshots that are there, oldest first."""
    for name in names:
        if name in _ours(place):
            place.run(
                lambda name=name: place.api.delete(f"{place.path}/snapshot/{name}"),
                frozenset({"qmdelsnapshot"}),
                lambda name=name: name not in _ours(place),
                _SECONDS,
            )


def _take(place: MachineAt, name: str) -> None:
    place.run(
        lambda: place.api.create(
            f"{place.path}/snapshot", snapname=name, description="before a change by homeostat proxmox apply"
        ),
        frozenset({"qmsnapshot"}),
        lambda: name in _ours(place),
        _SECONDS,
    )


def _ours(place: MachineAt) -> list[str]:
    """The names of our snapshots, oldest first."""
    rows = place.api.get(f"{place.path}/snapshot")
    return sorted(str(row["name"]) for row in rows if str(row["name"]).startswith(OWN_SNAPSHOT))


def _prune(place: MachineAt) -> None:
    for name in _ours(place)[:-KEPT]:
        try:
            drop(place, [name])
        except ProxmoxError as error:
            # an old snapshot too many is no reason not to change the machine
            place.say(f"the old snapshot {name} stays: {error}")
