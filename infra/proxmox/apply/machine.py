"""One machine: its actions one after the other, until one fails or somebody asks to stop."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace

from homeostat.errors import HomeostatError
from infra.definition.machines import Role
from infra.proxmox.apply.availability import end, manage
from infra.proxmox.apply.cloning import clone, migrate
from infra.proxmox.apply.outcome import Done
from infra.proxmox.apply.power import restart, start
from infra.proxmox.apply.reachable import Waiting, wait_until
from infra.proxmox.apply.settings import configure, grow, put_into_pool
from infra.proxmox.apply.snapshots import drop, snapshot
from infra.proxmox.apply.work import Job, Reachable
from infra.proxmox.plan.actions import Action, Kind, MachinePlan


class Stopped(Exception):  # noqa: N818 - what happened, not an error
    """Somebody asked to stop."""


@dataclass(frozen=True, slots=True)
class Course:
    """How a machine's actions are done."""

    template_vmid: int
    #: whether SSH answers
    reachable: Reachable
    #: whether a server's Kubernetes API answers
    serving: Reachable
    waiting: Waiting
    #: disks are copied inside of it, so that few are at a time
    copying: Callable[[Action], AbstractContextManager[object]]
    #: kinds that wait for an explicit wish
    withheld: frozenset[Kind] = field(default_factory=frozenset[Kind])


def bring(job: Job, plan: MachinePlan, actions: Sequence[Action], course: Course) -> Done:
    """Do ``actions`` of ``plan`` in order; a failure ends it, and is told."""
    done: list[Action] = []
    wanted = [action for action in actions if action.kind not in course.withheld]
    withheld = [action for action in actions if action.kind in course.withheld]
    failure = None
    for action in wanted:
        try:
            course.waiting.check()
            _announce(job, action)
            _STEPS[action.kind](_saying(job, action), plan, action, course)
        except Stopped:
            break
        except HomeostatError as error:
            failure = str(error)
            break
        done.append(action)
    left = [*wanted[len(done) :], *withheld]
    job.place.say("failed" if failure else "stopped" if len(done) < len(wanted) else "done")
    return Done(plan.wanted.name, tuple(done), tuple(left), failure)


def _announce(job: Job, action: Action) -> None:
    fields = ", ".join(change.field for change in action.changes)
    job.place.say(f"{action.kind} ({fields})" if fields else action.kind)


def _saying(job: Job, action: Action) -> Job:
    """The job, whose words are preceded by what it is doing."""
    say = job.place.say

    def said(text: str) -> None:
        say(f"{action.kind}: {text}")

    return replace(job, place=replace(job.place, say=said))


def _clone(job: Job, _: MachinePlan, action: Action, course: Course) -> None:
    with course.copying(action):
        course.waiting.check()
        clone(job, course.template_vmid, action)


def _migrate(job: Job, _: MachinePlan, action: Action, course: Course) -> None:
    with course.copying(action):
        course.waiting.check()
        migrate(job, action)


def _snapshot(job: Job, _: MachinePlan, action: Action, __: Course) -> None:
    if action.note:
        job.place.say(action.note)
    else:
        snapshot(job.place)


def _drop_snapshots(job: Job, _: MachinePlan, action: Action, __: Course) -> None:
    # the machine is not yet where the other steps will find it
    drop(replace(job.place, host=action.host), [change.before or "" for change in action.changes])


def _start(job: Job, _: MachinePlan, __: Action, course: Course) -> None:
    start(job.place)
    _wait(job, course)


def _restart(job: Job, _: MachinePlan, __: Action, course: Course) -> None:
    address = str(job.wanted.cloud_init.address)
    served = job.wanted.role is Role.SERVER and course.serving(address)
    restart(job.place, job.wanted.startup.down_seconds)
    _wait(job, course)
    if served:
        # the next restart would take the quorum from those that are left
        job.place.say(f"waits for the Kubernetes API at {address}")
        wait_until(
            lambda: course.serving(address),
            f"it runs again, but its Kubernetes API at {address} does not answer",
            job.place.api.clock,
            course.waiting,
        )


def _wait(job: Job, course: Course) -> None:
    address = str(job.wanted.cloud_init.address)
    job.place.say(f"waits for SSH at {address}")
    wait_until(
        lambda: course.reachable(address),
        "it runs, but look at its console in Proxmox, and check the address, the gateway, the bridge and the "
        f"VLAN in cluster.yaml: no SSH answers at {address}",
        job.place.api.clock,
        course.waiting,
    )


def _end_ha(job: Job, _: MachinePlan, __: Action, ___: Course) -> None:
    end(job.place, job.version)


_STEPS: Mapping[Kind, Callable[[Job, MachinePlan, Action, Course], None]] = {
    Kind.CLONE: _clone,
    Kind.DROP_SNAPSHOTS: _drop_snapshots,
    Kind.MIGRATE: _migrate,
    Kind.SNAPSHOT: _snapshot,
    Kind.CONFIGURE: lambda job, plan, action, _: configure(job, action, plan.found),
    Kind.GROW: lambda job, _, action, __: grow(job, action),
    Kind.POOL: lambda job, _, __, ___: put_into_pool(job),
    Kind.START: _start,
    Kind.HA: lambda job, _, __, ___: manage(job),
    Kind.HA_END: _end_ha,
    Kind.RESTART: _restart,
}


def where(plan: MachinePlan) -> str:
    """The host where a machine's options are: where it is, or will have been moved to before they are set."""
    moved = any(action.kind is Kind.MIGRATE for action in plan.actions)
    return plan.wanted.host if plan.found is None or moved else plan.found.host
