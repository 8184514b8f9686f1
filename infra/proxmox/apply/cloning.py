"""Making a machine: a clone of the template, which is known as ours from its first moment on.

A clone can't be given tags, and until its task has ended it has nothing of ours at all. Its description is
given with the request, so an apply that is killed leaves either nothing, or a task that the next apply waits
for, or a machine whose description says whose it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from infra.proxmox.api import tasks
from infra.proxmox.api.calls import Calls
from infra.proxmox.api.locks import wait_until_unlocked
from infra.proxmox.api.presence import is_taken
from infra.proxmox.api.upid import Upid
from infra.proxmox.apply.work import Job, MachineAt
from infra.proxmox.errors import NotOurs, NotThere, TaskFailed
from infra.proxmox.found import Ownership
from infra.proxmox.plan.actions import Action

#: copying a disk between slow storages
COPY_SECONDS = 4 * 3600.0
#: a lost answer may have been that of a clone which then failed
_ATTEMPTS = 3


def clone(job: Job, template: int, action: Action) -> None:
    """Clone the template on ``action.host``.

    Raises:
        NotOurs: somebody took the number meanwhile.
        TaskFailed: with the end of the task's log.
    """
    there = replace(job.place, host=action.parameters.get("target", action.host))
    for _ in range(_ATTEMPTS):
        _run(there, template, action)
        _await_copy(there, template, action)
        wait_until_unlocked(there.api, there.host, there.vmid, there.say, there.locks)
        if there.exists():
            _check_ours(job, there)
            return
        if is_taken(there.api, there.vmid):
            raise NotOurs(
                f"VMID {there.vmid} belongs to a machine that the token may not see: choose another vmid for "
                f"{job.wanted.name}."
            )
        there.say("once more: the clone of which the answer was lost is gone")
    raise TaskFailed(f"The clone {there.vmid} is gone as soon as it is made.", "", "", ())


def _run(there: MachineAt, template: int, action: Action) -> None:
    tasks.run(
        there.api,
        lambda: there.api.create(f"/nodes/{action.host}/qemu/{template}/clone", **action.parameters),
        # Proxmox names the task after the template, so those of other machines look alike: what counts is
        # whether the machine is there
        tasks.Expected(action.host, frozenset({"qmclone"}), str(template)),
        there.say,
        COPY_SECONDS,
        lambda: there.exists() or is_taken(there.api, there.vmid),
        there.locks,
    )


def _await_copy(there: MachineAt, template: int, action: Action) -> None:
    """Follow the clones of the template until the machine is none of them.

    Where an answer was lost, the task that was followed may have been another machine's. One that is still
    copied is locked, or unseen by a token with rights on the pool alone.
    """
    api = there.api
    while _is_copied(there) and (copies := _copies(api, action.host, template)):
        for task in copies:
            try:
                tasks.follow(api, task, there.say, COPY_SECONDS)
            except TaskFailed as error:
                there.say(str(error))


def _is_copied(there: MachineAt) -> bool:
    try:
        return there.options().get("lock") == "clone"
    except NotThere:
        return is_taken(there.api, there.vmid)


def _copies(api: Calls, host: str, template: int) -> Sequence[Upid]:
    return tasks.running(api, host, kind="qmclone", id=str(template), user=api.user)


def _check_ours(job: Job, there: MachineAt) -> None:
    if there.read().ownership(job.wanted) is Ownership.FOREIGN:
        raise NotOurs(
            f"VMID {there.vmid} was taken by somebody else while it was cloned: choose another vmid for "
            f"{job.wanted.name}."
        )


def migrate(job: Job, action: Action) -> None:
    """Move the machine from ``action.host`` to the host where it should be."""
    here, there = replace(job.place, host=action.host), replace(job.place, host=action.parameters["target"])
    here.run(
        lambda: here.api.create(f"{here.path}/migrate", **action.parameters),
        frozenset({"qmigrate", "hamigrate"}),
        there.exists,
        COPY_SECONDS,
    )
