"""Setting a machine's options, growing its disk, and putting it into its pool."""

from __future__ import annotations

from infra.proxmox.apply.work import Job
from infra.proxmox.errors import Conflict
from infra.proxmox.found import BOOT_DISK, FoundMachine
from infra.proxmox.plan.actions import Action
from infra.proxmox.plan.options import changes


def configure(job: Job, planned: Action, found: FoundMachine | None) -> None:
    """Set what differs; of a machine that was there (``found``), only what was ``planned``.

    Raises:
        Conflict: somebody changed one of these options after the plan.
    """
    place, wanted = job.place, job.wanted
    options = place.options()
    digest = options.pop("digest", None)
    fields, parameters = changes(wanted, options)
    agreed = {(change.field, change.before, change.after) for change in planned.changes}
    strayed = [change.field for change in fields if (change.field, change.before, change.after) not in agreed]
    if found is not None and strayed:
        raise Conflict(f"somebody changed {', '.join(strayed)} after the plan was made; plan again.")
    if fields:
        place.write(
            lambda: place.api.set(f"{place.path}/config", digest=digest, **parameters),
            lambda: not changes(wanted, place.options())[0],
        )


def grow(job: Job, action: Action) -> None:
    """Grow the disk that the machine starts from; the operating system sees it at once or when it starts."""
    place = job.place
    place.run(
        lambda: place.api.set(f"{place.path}/resize", disk=BOOT_DISK, size=action.parameters["size"]),
        frozenset({"resize"}),
        lambda: place.read().disk_bytes >= job.wanted.disk_bytes,
    )


def put_into_pool(job: Job) -> None:
    """Let the machine be in its pool, and in no other."""
    place, pool = job.place, job.wanted.pool

    def is_in() -> bool:
        members = place.api.get(f"/pools/{pool}").get("members", [])
        return any(int(member.get("vmid", 0)) == place.vmid for member in members)

    place.write(
        lambda: place.api.set("/pools", poolid=pool, vms=str(place.vmid), **{"allow-move": True}),
        is_in,
    )
