"""Removing one machine: only one that carries both tags of its cluster at that very moment."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

from infra.proxmox.api.presence import host_of
from infra.proxmox.api.version import read_version
from infra.proxmox.apply.availability import end
from infra.proxmox.apply.power import shut_down, stop
from infra.proxmox.apply.work import TASK_SECONDS, MachineAt
from infra.proxmox.errors import Declined, NotOurs, NotThere, TaskFailed
from infra.proxmox.property_strings import truth
from infra.proxmox.wanted import TEMPLATE_TAGS

#: what a machine may take to shut down before its plug is pulled
_SHUT_DOWN_SECONDS = 60
#: how often it is followed to another host
_MOVES = 3


def remove(place: MachineAt, tags: frozenset[str]) -> None:
    """Stop the machine and delete it with its disks and snapshots; it may be gone already.

    Raises:
        NotOurs: it lacks one of ``tags``, or is protected.
    """
    _wherever(place, lambda here: _remove(here, tags))


def _remove(place: MachineAt, tags: frozenset[str]) -> None:
    check_removable(place, tags)
    end(place, read_version(place.api))
    place.say("shuts it down")
    try:
        shut_down(place, _SHUT_DOWN_SECONDS)
    except (Declined, TaskFailed):
        # it may have ended meanwhile; what is still there is stopped
        stop(place)
    place.say("removes it with its disks")
    _delete(place)


def _wherever(place: MachineAt, work: Callable[[MachineAt], None]) -> None:
    """Do ``work`` where the machine is: a person, or HA, may move it meanwhile."""
    for _ in range(_MOVES):
        with suppress(NotThere):
            work(place)
        host = host_of(place.api, place.vmid)
        if host is None:
            return
        if host != place.host:
            place.say(f"goes on at {host}, where it is now")
        place = replace(place, host=host)
    raise NotThere(f"machine {place.vmid} can't be kept up with: it is on {place.host} now; run it again.")


def remove_template(place: MachineAt) -> None:
    """Delete the template; Proxmox refuses while linked clones of it are there.

    Raises:
        NotOurs: it is no template of this platform.
    """
    _wherever(place, _remove_template)


def _remove_template(place: MachineAt) -> None:
    found = place.read()
    if not (found.is_template and found.tags >= TEMPLATE_TAGS):
        raise NotOurs(
            f"machine {place.vmid} '{found.name}' is no template of this platform: it is left alone."
        )
    place.say("removes the template")
    _delete(place)


def _delete(place: MachineAt) -> None:
    place.run(
        lambda: place.api.delete(place.path, purge=True, **{"destroy-unreferenced-disks": False}),
        frozenset({"qmdestroy"}),
        lambda: not place.exists(),
        TASK_SECONDS,
    )


def check_removable(place: MachineAt, tags: frozenset[str]) -> None:
    """See that it is ours and may go.

    Raises:
        NotOurs: it lacks one of ``tags``, or is protected.
        NotThere: it is gone.
    """
    found = place.read()
    if not found.carries(tags):
        raise NotOurs(
            f"machine {place.vmid} '{found.name}' lacks the tags {' and '.join(sorted(tags - found.tags))}: "
            "this platform removes only what carries them."
        )
    if truth((found.config or {}).get("protection")):
        raise NotOurs(
            f"machine {place.vmid} '{found.name}' is protected in Proxmox: take its protection away "
            "(Options, Protection) when it may go."
        )
