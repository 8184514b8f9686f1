"""Removing a cluster's machines, or one of them: only what carries both of its tags."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from homeostat.errors import HomeostatError, Refused
from infra.definition.document import Definition
from infra.proxmox.api.calls import Calls
from infra.proxmox.apply.apply import Tell
from infra.proxmox.apply.machine import Stopped
from infra.proxmox.apply.outcome import Done, Outcome
from infra.proxmox.apply.parallel import Stop, together
from infra.proxmox.apply.power import shut_down
from infra.proxmox.apply.removing import remove, remove_template
from infra.proxmox.apply.work import MachineAt
from infra.proxmox.found import FoundMachine, Landscape, Ownership
from infra.proxmox.plan.actions import Action, Kind
from infra.proxmox.reading import read_landscape
from infra.proxmox.wanted import TEMPLATE_TAGS, Wanted, wanted

#: how long an operating system gets, when all are shut down
_SHUT_DOWN_SECONDS = 120


@dataclass(frozen=True, slots=True)
class Targets:
    """What would be removed, for a person to confirm."""

    machines: Sequence[FoundMachine]
    template: FoundMachine | None
    #: what looks like ours and is left alone, a sentence each
    left_alone: Sequence[str]


def targets(
    definition: Definition, api: Calls, node: str | None = None, *, with_template: bool = False
) -> Targets:
    """The machines of the cluster (or the one named ``node``), and its template when it is asked for.

    Raises:
        Refused: there is no machine of that name.
    """
    wishes = wanted(definition, ())
    landscape = read_landscape(api, wishes)
    ours = [machine for machine in landscape.machines if machine.carries(wishes.tags)]
    if node is not None:
        ours = [_named(ours, node, definition)]
        if landscape.is_offline(ours[0].host):
            raise Refused(_unreachable(ours[0]))
    template = landscape.machine(wishes.template.vmid) if with_template else None
    if template and not template.tags >= TEMPLATE_TAGS:
        template = None
    doomed = [*ours, *([template] if template else [])]
    return Targets(
        [machine for machine in ours if not landscape.is_offline(machine.host)],
        template if template and template.is_template and not landscape.is_offline(template.host) else None,
        [
            *_unfinished(wishes, landscape),
            *(_unreachable(machine) for machine in doomed if landscape.is_offline(machine.host)),
        ],
    )


def _unreachable(machine: FoundMachine) -> str:
    return (
        f"machine {machine.vmid} is left alone, since its host {machine.host} is offline; remove it when "
        "that host is back."
    )


def _unfinished(wishes: Wanted, landscape: Landscape) -> Sequence[str]:
    return [
        f"machine {found.vmid} '{found.name}' is a clone that an apply did not finish: without tags it is "
        "left alone; apply again, or remove it in Proxmox."
        for machine in wishes.machines
        if (found := landscape.machine(machine.vmid)) and found.ownership(machine) is Ownership.UNFINISHED
    ]


def destroy(chosen: Targets, definition: Definition, api: Calls, tell: Tell) -> Outcome:
    """Remove ``chosen``, all machines at a time, then the template.

    One that can't be removed does not stop the others; each is looked at again right before.
    """
    stop = Stop()

    def work(machine: FoundMachine) -> Callable[[], Done]:
        action = Action(Kind.REMOVE, machine.vmid, machine.name, machine.host)
        return lambda: _attempt(
            action, lambda: remove(_place(api, machine, tell, stop), definition.tags), stop
        )

    with stop.listening():
        done = [*together([work(machine) for machine in chosen.machines], stop, lambda text: tell("", text))]
        if chosen.template:
            template = chosen.template
            action = Action(Kind.REMOVE, template.vmid, template.name, template.host)
            done.append(_attempt(action, lambda: remove_template(_place(api, template, tell, stop)), stop))
    return Outcome(done, stop.asked)


def shutdown_all(definition: Definition, api: Calls, tell: Tell) -> Outcome:
    """Shut all machines of the cluster down and keep them: agents first, then servers."""
    landscape = read_landscape(api, wanted(definition, ()))
    servers = {node.vmid for node in definition.servers}
    ours = [one for one in landscape.machines if one.carries(definition.tags)]
    names = {node.vmid: node.name for node in definition.nodes}
    stop, done = Stop(), list[Done]()
    for machine in (one for one in ours if landscape.is_offline(one.host)):
        name = names.get(machine.vmid) or machine.name or str(machine.vmid)
        done.append(Done(name, (), (), f"its host {machine.host} is offline: it is left as it is."))
    running = [one for one in ours if one.running and not landscape.is_offline(one.host)]

    def work(machine: FoundMachine) -> Callable[[], Done]:
        action = Action(Kind.SHUT_DOWN, machine.vmid, machine.name, machine.host)
        return lambda: _attempt(
            action, lambda: shut_down(_place(api, machine, tell, stop), _SHUT_DOWN_SECONDS), stop
        )

    with stop.listening():
        for is_server in (False, True):
            group = [work(machine) for machine in running if (machine.vmid in servers) is is_server]
            done += together(group, stop, lambda text: tell("", text))
    return Outcome(done, stop.asked)


def _attempt(action: Action, work: Callable[[], None], stop: Stop) -> Done:
    if stop.asked:
        return Done(action.name, (), (action,))
    try:
        work()
    except Stopped:
        return Done(action.name, (), (action,))
    except HomeostatError as error:
        return Done(action.name, (), (action,), str(error))
    return Done(action.name, (action,), ())


def _place(api: Calls, machine: FoundMachine, tell: Tell, stop: Stop) -> MachineAt:
    return MachineAt(api, machine.host, machine.vmid, lambda text: tell(machine.name, text), stop.locks)


def _named(ours: Sequence[FoundMachine], node: str, definition: Definition) -> FoundMachine:
    """By its name in Proxmox, or in the file: of a host that is down, Proxmox knows the numbers alone."""
    vmid = next((one.vmid for one in definition.nodes if one.name == node), None)
    if found := next((machine for machine in ours if node == machine.name), None):
        return found
    if found := next((machine for machine in ours if not machine.name and machine.vmid == vmid), None):
        return found
    known = ", ".join(sorted(machine.name for machine in ours)) or "none"
    raise Refused(
        f"--node is '{node}', which is no machine of cluster '{definition.name}'; there are: {known}."
    )
