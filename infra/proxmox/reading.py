"""Ask Proxmox for all that a plan needs: one list of everything, then details, several at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any, TypeVar

from infra.proxmox.api.calls import Reads
from infra.proxmox.api.presence import ask_machine
from infra.proxmox.api.version import Version, read_version
from infra.proxmox.errors import NotAllowed, NotThere
from infra.proxmox.found import (
    FoundHost,
    FoundMachine,
    FoundStorage,
    Landscape,
    Pending,
    host_of,
    machine_of,
    options_of,
    pending_of,
    storage_of,
)
from infra.proxmox.property_strings import tag_set, truth
from infra.proxmox.wanted import Wanted

#: requests at a time: enough to hide a slow way, few enough for pveproxy's three workers
CONCURRENCY = 16
A = TypeVar("A")
B = TypeVar("B")


def read_landscape(api: Reads, wanted: Wanted) -> Landscape:
    """All that is there, as far as ``wanted`` and its ownership tags are concerned.

    Raises:
        ProxmoxError: Proxmox does not answer, or does not let us see it.
    """
    with ThreadPoolExecutor(CONCURRENCY, thread_name_prefix="read") as pool:
        asked_version = pool.submit(read_version, api)
        rows: Sequence[Mapping[str, Any]] = api.get("/cluster/resources")
        machines = [machine_of(row) for row in rows if row.get("type") in {"qemu", "lxc"}]
        hosts = {row["node"]: host_of(row) for row in rows if row.get("type") == "node"}
        storages = _storages([storage_of(row) for row in rows if row.get("type") == "storage"])
        version, asks_ha = asked_version.result(), any(machine.ha for machine in wanted.machines)
        # all are started before any is waited for
        online = {name for name, host in hosts.items() if host.online}
        bridges = {name: pool.submit(_bridges, api, name) for name in _hosts_of(wanted) & online}
        devices = pool.submit(_mappings, api, wanted)
        availability = pool.submit(read_availability, api, version, required=asks_ha)

        def detail(machine: FoundMachine) -> FoundMachine | None:
            # pveproxy would try for half a minute to reach a host that is down
            return _detailed(api, machine, wanted) if machine.host in online else machine

        detailed = _several(pool, detail, machines)
        managed, groups = availability.result()
        return Landscape(
            version=version,
            hosts={name: _with_bridges(host, bridges, name) for name, host in hosts.items()},
            storages=storages,
            machines=[
                replace(machine, ha_group=managed.get(machine.vmid)) for machine in detailed if machine
            ],
            mappings=devices.result(),
            ha_groups=groups if asks_ha else None,
        )


def read_machine(api: Reads, found: FoundMachine) -> FoundMachine:
    """``found`` with its options, and whether it runs, as they are now.

    The list of all resources does not tell that: each host broadcasts how its machines are every ten seconds,
    and until then knows neither name nor status of a new one.

    Raises:
        NotThere: it is gone.
    """

    def ask(part: str) -> Any:
        return ask_machine(api, found.host, found.vmid, part)

    pending: Pending = {}
    current: Mapping[str, Any] = ask("status/current")
    running = current.get("status") == "running"
    if running:
        # tells the options as well, with those that wait for a restart
        config, waiting = pending_of(ask("pending"))
        # cloud-init's options are not pending there: they are compared with the drive that the machine has
        _, unread = pending_of(ask("cloudinit"))
        pending = {**waiting, **unread}
    else:
        config = options_of(ask("config"))
    digest = config.pop("digest", None)
    return replace(
        found,
        name=config.get("name", found.name),
        running=running,
        memory_bytes=int(current.get("maxmem") or found.memory_bytes),
        tags=tag_set(config.get("tags")),
        is_template=truth(config.get("template")),
        lock=config.get("lock"),
        config=config,
        digest=digest,
        pending=pending,
    )


def read_running(api: Reads, tags: frozenset[str]) -> Mapping[int, bool | None]:
    """VMID -> whether it runs, of the machines that carry ``tags``; None where the host is down.

    Raises:
        ProxmoxError: Proxmox does not answer, or does not let us see it.
    """
    rows: Sequence[Mapping[str, Any]] = api.get("/cluster/resources")
    online = {row["node"] for row in rows if row.get("type") == "node" and host_of(row).online}
    machines = [machine_of(row) for row in rows if row.get("type") == "qemu"]
    ours = [machine for machine in machines if machine.carries(tags)]

    def ask(machine: FoundMachine) -> bool | None:
        if machine.host not in online:
            return None
        try:
            current = ask_machine(api, machine.host, machine.vmid, "status/current")
        except NotThere:
            return False
        return current.get("status") == "running"

    with ThreadPoolExecutor(CONCURRENCY, thread_name_prefix="read") as pool:
        return {machine.vmid: runs for machine, runs in zip(ours, _several(pool, ask, ours), strict=True)}


def _several(pool: ThreadPoolExecutor, work: Callable[[A], B], items: Iterable[A]) -> Sequence[B]:
    return list(pool.map(work, items))


def _hosts_of(wanted: Wanted) -> set[str]:
    return {machine.host for machine in wanted.machines} | {wanted.template.host}


def _detailed(api: Reads, machine: FoundMachine, wanted: Wanted) -> FoundMachine | None:
    """With its options, when it is ours or where one of ours shall be; None when it vanished meanwhile."""
    numbers = {one.vmid for one in wanted.machines} | {wanted.template.vmid}
    concerns_us = machine.vmid in numbers or wanted.tags <= machine.tags
    if machine.is_container or not concerns_us:
        return machine
    try:
        found = read_machine(api, machine)
        moves = {(one.vmid, one.host) for one in wanted.machines if one.vmid == found.vmid}
        if found.running or not moves or (found.vmid, found.host) in moves:
            return found
        rows = api.get(f"/nodes/{found.host}/qemu/{found.vmid}/snapshot")
        # the last row is no snapshot, but what is now
        return replace(found, snapshots=[str(row["name"]) for row in rows if row["name"] != "current"])
    except NotThere:
        return None


def _storages(rows: Sequence[FoundStorage]) -> Sequence[FoundStorage]:
    return sorted(rows, key=lambda storage: (storage.name, storage.host))


def _bridges(api: Reads, host: str) -> frozenset[str]:
    rows = api.get(f"/nodes/{host}/network", type="any_bridge")
    return frozenset(str(row["iface"]) for row in rows)


def _with_bridges(host: FoundHost, bridges: Mapping[str, Any], name: str) -> FoundHost:
    return replace(host, bridges=bridges[name].result()) if name in bridges else host


def _mappings(api: Reads, wanted: Wanted) -> Mapping[str, frozenset[str]] | None:
    """Device mappings and the hosts that have them; asked for only when a node wants one."""
    if not any(machine.passthrough for machine in wanted.machines):
        return None
    rows = api.get("/cluster/mapping/pci")
    return {str(row["id"]): frozenset(_mapped_hosts(row.get("map", ()))) for row in rows}


def _mapped_hosts(entries: Iterable[str]) -> Iterable[str]:
    for entry in entries:
        for part in str(entry).split(","):
            if part.startswith("node="):
                yield part.removeprefix("node=")


def read_availability(
    api: Reads, version: Version, *, required: bool
) -> tuple[Mapping[int, str], frozenset[str]]:
    """VMID -> HA group ("" without one) of the machines that HA manages, and the groups that there are.

    Where nothing ``required`` asks for HA, a token that may not see it need not.
    """
    try:
        resources = api.get("/cluster/ha/resources")
        sids = {str(row["sid"]): str(row.get("group") or "") for row in resources}
        if not required and not sids:
            return {}, frozenset()
        if version[0] < 9:
            groups = frozenset(str(row["group"]) for row in api.get("/cluster/ha/groups"))
        else:
            # rules took the place of groups, and name their resources themselves
            rules = api.get("/cluster/ha/rules", type="node-affinity")
            groups = frozenset(str(rule["rule"]) for rule in rules)
            sids |= {sid: str(rule["rule"]) for rule in rules for sid in rule_resources(rule) if sid in sids}
    except NotAllowed:
        if required:
            raise
        return {}, frozenset()
    return {
        int(sid.removeprefix("vm:")): group for sid, group in sids.items() if sid.startswith("vm:")
    }, groups


def rule_resources(rule: Mapping[str, Any]) -> Sequence[str]:
    """The resources that an HA rule names."""
    return [sid.strip() for sid in str(rule.get("resources", "")).split(",") if sid.strip()]
