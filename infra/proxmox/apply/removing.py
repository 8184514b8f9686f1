"""Removing one machine: only one that carries both tags of its cluster at that very moment."""

from __future__ import annotations

from infra.proxmox.apply.availability import end
from infra.proxmox.apply.power import shut_down, stop
from infra.proxmox.apply.work import TASK_SECONDS, Place
from infra.proxmox.errors import Declined, NotOurs, NotThere
from infra.proxmox.property_strings import truth
from infra.proxmox.reading import read_version
from infra.proxmox.wanted import TEMPLATE_TAGS

#: what a machine may take to shut down before its plug is pulled
_SHUT_DOWN_SECONDS = 60


def remove(place: Place, tags: frozenset[str]) -> None:
    """Stop the machine and delete it with its disks and snapshots; it may be gone already.

    Raises:
        NotOurs: it lacks one of ``tags``, or is protected.
    """
    try:
        check_removable(place, tags)
    except NotThere:
        return
    end(place, read_version(place.api))
    place.say("shuts it down")
    try:
        shut_down(place, _SHUT_DOWN_SECONDS)
    except Declined:
        # it may have ended meanwhile; what is still there is stopped
        stop(place)
    place.say("removes it with its disks")
    _delete(place)


def remove_template(place: Place) -> None:
    """Delete the template; Proxmox refuses while linked clones of it are there.

    Raises:
        NotOurs: it is no template of this platform.
    """
    try:
        found = place.read()
    except NotThere:
        return
    if not (found.is_template and found.tags >= TEMPLATE_TAGS):
        raise NotOurs(
            f"machine {place.vmid} '{found.name}' is no template of this platform: it is left alone."
        )
    place.say("removes the template")
    _delete(place)


def _delete(place: Place) -> None:
    place.run(
        lambda: place.api.delete(place.path, purge=True, **{"destroy-unreferenced-disks": False}),
        frozenset({"qmdestroy"}),
        lambda: not place.exists(),
        TASK_SECONDS,
    )


def check_removable(place: Place, tags: frozenset[str]) -> None:
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
