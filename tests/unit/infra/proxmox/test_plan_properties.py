"""What holds for every plan: done, it leaves nothing to do, and it never touches what is not ours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from infra.proxmox.found import FoundMachine, Landscape
from infra.proxmox.plan.actions import Action, Kind, Plan
from infra.proxmox.plan.difference import difference
from infra.proxmox.plan.mistakes import mistakes
from infra.proxmox.plan.options import changes
from infra.proxmox.property_strings import disk_size, tag_set
from infra.proxmox.wanted import Wanted
from tests.unit.infra.proxmox.samples import TEMPLATE, as_wanted, but, landscape, node, wishes

#: the order in which one machine's actions may come
_ORDER = list(Kind)

nodes = st.builds(
    lambda number, role, cores, memory, disk, host, storage, ha: node(
        f"{role}-{number}",
        number,
        role=role,
        cores=cores,
        memory=f"{memory}GiB",
        disk=f"{disk}GiB",
        host=host,
        storage="ceph" if ha else storage,
        ha=ha,
    ),
    st.integers(1, 9),
    st.sampled_from(["server", "agent"]),
    st.integers(1, 8),
    st.integers(1, 8),
    st.integers(8, 64),
    st.sampled_from(["pve1", "pve2"]),
    st.sampled_from(["local-lvm", "ceph"]),
    st.booleans(),
)
clusters = st.lists(nodes, min_size=1, max_size=4, unique_by=lambda one: one["vmid"]).map(
    lambda all_: wishes(*all_)
)
#: what people do to a machine by hand
strayed = st.fixed_dictionaries(
    {},
    optional={
        "cores": st.integers(1, 16).map(str),
        "memory": st.integers(512, 9000).map(str),
        "balloon": st.sampled_from(["0", "512"]),
        "cpu": st.sampled_from(["host", "kvm64"]),
        "tags": st.sampled_from(["homeostat;homeostat-home;mine", "homeostat-home,homeostat"]),
        "net0": st.sampled_from(
            ["virtio=BC:24:11:00:00:01,bridge=vmbr0,tag=7", "e1000=BC:24:11:00:00:01,bridge=vmbr1"]
        ),
        "ciuser": st.sampled_from(["root", "debian"]),
        "searchdomain": st.just("lan"),
        "startup": st.sampled_from(["order=7", "1"]),
        "agent": st.sampled_from(["0", "enabled=1,fstrim_cloned_disks=1"]),
        "ipconfig0": st.just("ip=dhcp"),
        "hostpci0": st.just("mapping=gpu"),
        "scsi0": st.just("local-lvm:vm-1-disk-0,size=4G"),
    },
)


def done(plan: Plan, before: Landscape, want: Wanted) -> Landscape:
    """The landscape after all of the plan, with restarts and removals."""
    machines = {machine.vmid: machine for machine in before.machines}
    if plan.template:
        machines[TEMPLATE.vmid] = TEMPLATE
    for one in plan.machines:
        current = machines.get(one.wanted.vmid)
        for action in one.actions:
            current = _after(action, current, want)
        assert current is not None
        machines[one.wanted.vmid] = current
    for action in plan.removals:
        del machines[action.vmid]
    return replace(before, machines=tuple(machines.values()))


def _after(action: Action, machine: FoundMachine | None, want: Wanted) -> FoundMachine:
    wanted = next(one for one in want.machines if one.vmid == action.vmid)
    if action.kind is Kind.CLONE:
        return FoundMachine(
            action.vmid,
            wanted.name,
            action.parameters.get("target", action.host),
            running=False,
            config={
                "scsi0": f"{wanted.storage}:vm-{action.vmid}-disk-0,size=3G",
                "net0": "virtio=BC:24:11:00:00:01,bridge=vmbr0",
                "tags": "homeostat;homeostat-template",
            },
        )
    assert machine is not None
    if action.kind is Kind.CONFIGURE:
        given_ = changes(wanted, machine.config or {})[1]
        gone = given_.get("delete", "").split(",")
        set_ = {key: value for key, value in given_.items() if key != "delete"}
        machine = but(machine, without=gone, **set_)
        return replace(machine, tags=tag_set((machine.config or {})["tags"]), name=wanted.name)
    if action.kind is Kind.GROW:
        assert disk_size(wanted.disk_bytes) == action.parameters["size"]
        return but(
            machine, scsi0=f"{machine.storage}:vm-{action.vmid}-disk-0,size={action.parameters['size']}"
        )
    if action.kind in {Kind.START, Kind.RESTART}:
        return replace(machine, running=True, pending={})
    if action.kind in {Kind.HA, Kind.HA_END}:
        return replace(machine, ha_group="" if action.kind is Kind.HA else None)
    return replace(machine, host=wanted.host) if action.kind is Kind.MIGRATE else machine


@given(want=clusters, there=st.sets(st.integers(201, 209)), stray=strayed, running=st.booleans())
def test_a_plan_that_was_done_leaves_nothing_to_do(
    want: Wanted, there: set[int], stray: dict[str, str], running: bool
):
    machines = [
        but(as_wanted(want, one.vmid, running=running, ha_group=None), **stray)
        for one in want.machines
        if one.vmid in there
    ]
    before = landscape(*machines)
    assert difference(want, done(difference(want, before), before, want)).empty


@given(want=clusters, there=st.sets(st.integers(201, 209)), stray=strayed, running=st.booleans())
def test_a_machines_actions_come_in_the_order_of_their_kinds(
    want: Wanted, there: set[int], stray: dict[str, str], running: bool
):
    found = [
        but(as_wanted(want, one.vmid, running=running), **stray) for one in want.machines if one.vmid in there
    ]
    for one in difference(want, landscape(*found)).machines:
        places = [_ORDER.index(action.kind) for action in one.actions]
        assert places == sorted(set(places))


def _foreign(numbers: Sequence[int], tags: Sequence[str]) -> list[FoundMachine]:
    return [
        FoundMachine(number, f"theirs-{number}", "pve1", running=True, tags=frozenset(tags), config={})
        for number in numbers
    ]


@given(
    want=clusters,
    numbers=st.lists(st.integers(201, 220), unique=True, max_size=5),
    tags=st.sets(st.sampled_from(["homeostat", "homeostat-lab", "homeostat-template", "nas"])),
)
def test_what_is_not_ours_is_a_mistake_or_left_alone(want: Wanted, numbers: list[int], tags: set[str]):
    foreign = landscape(*_foreign(numbers, sorted(tags)))
    wanted = {machine.vmid for machine in want.machines}
    assert bool(mistakes(want, foreign)) >= bool(wanted & set(numbers))
    assert not difference(want, foreign).removals


@given(st.data())
def test_only_a_growing_disk_is_resized(data: Any):
    have, ask = data.draw(st.integers(1, 100)), data.draw(st.integers(1, 100))
    want = wishes(node("server-1", 1, disk=f"{ask}GiB"))
    found = but(as_wanted(want), scsi0=f"local-lvm:vm-201-disk-0,size={have}G")
    plan = difference(want, landscape(found))
    assert bool(plan.of_kind(Kind.GROW)) == (ask > have)
    assert any("never shrunk" in sentence for sentence in mistakes(want, landscape(found))) == (ask < have)
