"""``apply``: the template first, then all machines at a time, then restarts one after the other."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from homeostat.errors import HomeostatError
from infra.definition.document import Definition
from infra.proxmox.api.calls import Calls
from infra.proxmox.api.version import read_version
from infra.proxmox.apply.machine import Course, Stopped, bring, where
from infra.proxmox.apply.outcome import Done, Outcome
from infra.proxmox.apply.parallel import Stop, together
from infra.proxmox.apply.reachable import Waiting, kubernetes_answers, ssh_answers
from infra.proxmox.apply.removing import remove
from infra.proxmox.apply.work import Job, MachineAt, Reachable
from infra.proxmox.plan.actions import Action, Kind, MachinePlan, Plan
from infra.proxmox.template.making import ensure_template

#: machine, and what it is doing
Tell = Callable[[str, str], None]
#: enough for the usual three servers and two agents at once, few enough not to choke one storage
COPIES_AT_A_TIME = 5


@dataclass(frozen=True, slots=True)
class Manner:
    """How a plan is done."""

    #: what is done only with an explicit wish: Kind.RESTART, Kind.REMOVE
    also: frozenset[Kind] = frozenset()
    #: on one storage of one host
    copies_at_a_time: int = COPIES_AT_A_TIME
    reachable: Reachable = ssh_answers
    #: whether the Kubernetes API of a server answers, which must be so again before the next one restarts
    serving: Reachable = kubernetes_answers
    #: how long a machine may take from its start until SSH answers
    reachable_seconds: float = 300.0


def apply(
    plan: Plan,
    definition: Definition,
    api: Calls,
    tell: Tell,
    manner: Manner | None = None,
    stop: Stop | None = None,
) -> Outcome:
    """Do ``plan``. A machine that fails does not stop the others; the next plan goes on anywhere.

    Raises:
        ProxmoxError: the template could not be made, or Proxmox does not answer; no machine was touched.
    """
    manner, stop = manner or Manner(), stop or Stop()
    with stop.listening():
        if plan.template:
            _make_template(definition, api, tell, stop)
        course = _course(plan, manner, stop)
        version = read_version(api)
        jobs = [(_job(api, one, tell, version, stop), one) for one in plan.machines]
        done = _each(jobs, course, stop, tell)
        if Kind.RESTART in manner.also:
            done = _restarted(jobs, done, course, stop, tell)
        wished = Kind.REMOVE in manner.also
        removed = [
            _removed(action, api, tell, definition, stop) if wished else Done(action.name, (), (action,))
            for action in plan.removals
        ]
    template = [Done(action.name, (action,), ()) for action in plan.template]
    refused = [Done(name, (), (), sentence) for name, sentence in plan.refused.items()]
    return Outcome([*template, *done, *removed, *refused], stop.asked)


def _make_template(definition: Definition, api: Calls, tell: Tell, stop: Stop) -> None:
    name = definition.proxmox.template.name

    def work() -> None:
        ensure_template(api, definition, lambda text: tell(name, text))
        tell(name, "done")

    together([work], stop, lambda text: tell(name, text))


def _course(plan: Plan, manner: Manner, stop: Stop) -> Course:
    gates: dict[tuple[str, str], threading.Semaphore] = defaultdict(
        lambda: threading.Semaphore(manner.copies_at_a_time)
    )
    lock = threading.Lock()

    def copying(action: Action) -> threading.Semaphore:
        with lock:
            return gates[action.host, action.parameters.get("storage", "")]

    return Course(
        plan.template_vmid,
        manner.reachable,
        manner.serving,
        Waiting(manner.reachable_seconds, stop.check),
        copying,
        # restarts come after all others, one at a time
        frozenset({Kind.RESTART}),
    )


def _job(api: Calls, one: MachinePlan, tell: Tell, version: tuple[int, ...], stop: Stop) -> Job:
    name = one.wanted.name
    place = MachineAt(api, where(one), one.wanted.vmid, lambda text: tell(name, text), stop.locks)
    return Job(one.wanted, place, version)


def _each(jobs: Sequence[tuple[Job, MachinePlan]], course: Course, stop: Stop, tell: Tell) -> Sequence[Done]:
    def work(job: Job, one: MachinePlan) -> Callable[[], Done]:
        return lambda: bring(job, one, one.actions, course)

    return together([work(job, one) for job, one in jobs], stop, lambda text: tell("", text))


def _restarted(
    jobs: Sequence[tuple[Job, MachinePlan]], done: Sequence[Done], course: Course, stop: Stop, tell: Tell
) -> Sequence[Done]:
    """Restart the machines of which nothing failed, one after the other; the first failure ends it."""
    unwithheld = replace(course, withheld=frozenset())

    def work() -> Sequence[Done]:
        results: list[Done] = []
        for (job, one), before in zip(jobs, done, strict=True):
            if before.failure or any(result.failure for result in results):
                results.append(before)
                continue
            now = bring(job, one, before.left, unwithheld)
            results.append(Done(before.name, (*before.done, *now.done), now.left, now.failure))
        return results

    return together([work], stop, lambda text: tell("", text))[0]


def _removed(action: Action, api: Calls, tell: Tell, definition: Definition, stop: Stop) -> Done:
    if stop.asked:
        return Done(action.name, (), (action,))
    place = MachineAt(api, action.host, action.vmid, lambda text: tell(action.name, text), stop.locks)
    try:
        remove(place, definition.tags)
    except Stopped:
        return Done(action.name, (), (action,))
    except HomeostatError as error:
        return Done(action.name, (), (action,), str(error))
    return Done(action.name, (action,), ())
