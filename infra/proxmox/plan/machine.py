"""What must be done to one machine: from what is wanted and what is there to its actions, in order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from infra.proxmox.found import FoundMachine, Landscape
from infra.proxmox.plan.actions import Action, Change, Effect, Kind, MachinePlan
from infra.proxmox.plan.cloning import Source
from infra.proxmox.plan.moving import own_snapshots_in_the_way
from infra.proxmox.plan.options import changes, waiting_for_restart
from infra.proxmox.property_strings import disk_size, size_text
from infra.proxmox.wanted import WantedMachine

#: changes of these leave the machine itself as it is: nothing that a snapshot would bring back
_LABELS = frozenset({"name", "tags", "onboot", "startup"})
_NO_SNAPSHOT = "no snapshot before it: a device is passed through to the machine"


def machine_plan(wanted: WantedMachine, landscape: Landscape, source: Source) -> MachinePlan:
    """The actions for one machine, which is cloned from ``source`` when it is missing."""
    found = landscape.machine(wanted.vmid)
    if found is None:
        return MachinePlan(wanted, None, tuple(_creation(wanted, landscape, source)))
    return MachinePlan(wanted, found, tuple(_alignment(wanted, found, landscape)))


def _creation(wanted: WantedMachine, landscape: Landscape, source: Source) -> Iterator[Action]:
    direct = source.reaches(wanted, landscape)
    yield _action(
        Kind.CLONE,
        wanted,
        [Change("host", None, wanted.host), Change("storage", None, wanted.storage)],
        _clone_parameters(wanted, wanted.host if direct else source.host, source.host),
        host=source.host,
    )
    if not direct:
        yield _migration(wanted, source.host, running=False)
    fields, parameters = changes(wanted, {})
    at_once = [replace(change, effect=Effect.AT_ONCE) for change in fields]
    yield _action(Kind.CONFIGURE, wanted, at_once, parameters)
    yield _growth(wanted, None)
    yield _action(Kind.START, wanted)
    yield from _availability(wanted, None, landscape)


def _clone_parameters(wanted: WantedMachine, target: str, source: str) -> dict[str, str]:
    parameters = {
        "newid": str(wanted.vmid),
        "name": wanted.name,
        "description": wanted.description,
        "full": "1" if wanted.full_clone else "0",
    }
    # a linked clone lies beside its template, and Proxmox takes no storage for it
    parameters |= {"storage": wanted.storage} if wanted.full_clone else {}
    parameters |= {"target": target} if target != source else {}
    return parameters | ({"pool": wanted.pool} if wanted.pool else {})


def _alignment(wanted: WantedMachine, found: FoundMachine, landscape: Landscape) -> Iterator[Action]:
    config = found.config or {}
    yield from _move(wanted, found, landscape)
    fields, parameters = changes(wanted, config)
    growth = wanted.disk_bytes > found.disk_bytes
    if found.running and (growth or {change.field for change in fields} - _LABELS):
        yield _snapshot(wanted, found)
    if fields:
        # what does not run gets everything with its start
        shown = fields if found.running else [replace(change, effect=Effect.AT_ONCE) for change in fields]
        yield _action(Kind.CONFIGURE, wanted, shown, parameters)
    if growth:
        yield _growth(wanted, found.disk_bytes)
    if wanted.pool and found.pool != wanted.pool:
        yield _action(Kind.POOL, wanted, [Change("pool", found.pool, wanted.pool)])
    if not found.running:
        yield _action(Kind.START, wanted)
    yield from _availability(wanted, found, landscape)
    if found.running and (waiting := waiting_for_restart(wanted, config, found.pending)):
        yield _action(Kind.RESTART, wanted, waiting)


def _move(wanted: WantedMachine, found: FoundMachine, landscape: Landscape) -> Iterator[Action]:
    if found.host == wanted.host or wanted.ha:
        return
    if in_the_way := own_snapshots_in_the_way(found, landscape):
        dropped = [Change("snapshot", name, None) for name in in_the_way]
        yield _action(Kind.DROP_SNAPSHOTS, wanted, dropped, host=found.host)
    yield _migration(wanted, found.host, running=found.running)


def _availability(
    wanted: WantedMachine, found: FoundMachine | None, landscape: Landscape
) -> Iterator[Action]:
    """Whether HA manages it: asked for when it runs, since HA starts and stops what it manages."""
    before = found.ha_group if found else None
    after = (wanted.ha_group or "") if wanted.ha else None
    if before == after:
        return
    change = Change("ha", _ha_text(before), _ha_text(after))
    if after is None:
        yield _action(Kind.HA_END, wanted, [change])
    else:
        yield _action(Kind.HA, wanted, [change], note=_new_rule(wanted, landscape))


def _new_rule(wanted: WantedMachine, landscape: Landscape) -> str:
    groups = landscape.ha_groups
    if landscape.version[0] < 9 or not wanted.ha_group or groups is None or wanted.ha_group in groups:
        return ""
    return f"makes the node-affinity rule '{wanted.ha_group}' for {', '.join(wanted.ha_hosts)}"


def _ha_text(group: str | None) -> str | None:
    if group is None:
        return None
    return f"in group {group}" if group else "managed"


def _snapshot(wanted: WantedMachine, found: FoundMachine) -> Action:
    passed = found.has_passthrough or wanted.passthrough is not None
    return _action(Kind.SNAPSHOT, wanted, note=_NO_SNAPSHOT if passed else "")


def _growth(wanted: WantedMachine, before: int | None) -> Action:
    change = Change("disk", size_text(before) if before else None, size_text(wanted.disk_bytes))
    return _action(Kind.GROW, wanted, [change], {"size": disk_size(wanted.disk_bytes)})


def _migration(wanted: WantedMachine, source: str, *, running: bool) -> Action:
    parameters = {"target": wanted.host} | ({"online": "1"} if running else {})
    note = "it goes on running meanwhile" if running else "its disks are copied"
    return _action(
        Kind.MIGRATE, wanted, [Change("host", source, wanted.host)], parameters, host=source, note=note
    )


def _action(
    kind: Kind,
    wanted: WantedMachine,
    changes: Sequence[Change] = (),
    parameters: Mapping[str, str] | None = None,
    *,
    host: str | None = None,
    note: str = "",
) -> Action:
    return Action(
        kind, wanted.vmid, wanted.name, host or wanted.host, tuple(changes), dict(parameters or {}), note
    )
