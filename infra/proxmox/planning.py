"""``plan``: from a definition and Proxmox's answers to what must be done, or to all that is wrong."""

from __future__ import annotations

from collections.abc import Sequence

from infra.definition.document import Definition
from infra.proxmox.api.calls import Calls
from infra.proxmox.api.presence import is_taken
from infra.proxmox.api.tasks import follow, running
from infra.proxmox.api.upid import Upid
from infra.proxmox.api.writing import Say
from infra.proxmox.errors import NotSuitable, TaskFailed
from infra.proxmox.found import Landscape
from infra.proxmox.plan.actions import Plan
from infra.proxmox.plan.difference import difference
from infra.proxmox.plan.mistakes import mistakes
from infra.proxmox.public_keys import public_keys
from infra.proxmox.reading import read_landscape
from infra.proxmox.wanted import Wanted, wanted

#: a clone that an interrupted apply began
_CLONE_SECONDS = 3600.0


def plan(definition: Definition, api: Calls, say: Say = lambda _: None) -> Plan:
    """What must be done so that the machines are as ``definition`` says.

    Raises:
        NotSuitable: what the definition wants is not possible there; one sentence for each reason.
        ConfigError: the public SSH key can't be read.
        ProxmoxError: Proxmox does not answer, or does not let us see it.
    """
    wishes = wanted(definition, public_keys(definition))
    landscape = settled_landscape(api, wishes, say)
    if reasons := mistakes(wishes, landscape):
        raise NotSuitable("\n".join(reasons))
    return difference(wishes, landscape)


def settled_landscape(api: Calls, wishes: Wanted, say: Say) -> Landscape:
    """What is there once the clones have ended that an interrupted apply began.

    Until then such a machine has neither our tags nor our description, and nobody could tell whose it is.
    """
    landscape = read_landscape(api, wishes)
    while (tasks := _clones(api, wishes, landscape)) and _is_cloning(api, wishes, landscape):
        say("waits for the end of clones that an earlier apply began")
        for task in tasks:
            try:
                follow(api, task, say, _CLONE_SECONDS)
            except TaskFailed as error:
                # Proxmox removes what it had made; the plan makes it anew
                say(str(error))
        landscape = read_landscape(api, wishes)
    return landscape


def _is_cloning(api: Calls, wishes: Wanted, landscape: Landscape) -> bool:
    found = [(machine.vmid, landscape.machine(machine.vmid)) for machine in wishes.machines]
    # a token with rights on the pool alone sees a clone only from its end on
    return any(
        is_taken(api, vmid)
        if machine is None
        else machine.lock == "clone" and not landscape.is_offline(machine.host)
        for vmid, machine in found
    )


def _clones(api: Calls, wishes: Wanted, landscape: Landscape) -> Sequence[Upid]:
    """The running clones of the template: Proxmox names such a task after the source."""
    template = landscape.machine(wishes.template.vmid)
    if template is None or landscape.is_offline(template.host) or not _may_clone(wishes, landscape):
        return []
    return running(api, template.host, kind="qmclone", id=str(template.vmid))


def _may_clone(wishes: Wanted, landscape: Landscape) -> bool:
    found = [landscape.machine(machine.vmid) for machine in wishes.machines]
    return any(machine is None or machine.lock == "clone" for machine in found)
