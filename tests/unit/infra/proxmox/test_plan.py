"""A plan says what will be done, in order, and nothing when nothing must be."""

from __future__ import annotations

from infra.proxmox.found import FoundMachine
from infra.proxmox.plan.actions import Change, Effect, Kind, Plan
from infra.proxmox.plan.difference import difference
from tests.unit.infra.proxmox.samples import GIB, TEMPLATE, as_wanted, but, landscape, node, wishes


def kinds(plan: Plan) -> list[Kind]:
    return [action.kind for action in plan.actions]


def changes(plan: Plan, kind: Kind) -> list[Change]:
    return [change for action in plan.of_kind(kind) for change in action.changes]


def test_a_new_machine_is_cloned_configured_grown_and_started():
    plan = difference(wishes(), landscape())
    assert kinds(plan) == [Kind.CLONE, Kind.CONFIGURE, Kind.GROW, Kind.START]


def test_the_template_comes_first_when_it_is_missing():
    plan = difference(wishes(), landscape(machines=()))
    assert kinds(plan)[:2] == [Kind.TEMPLATE, Kind.CLONE]


def test_the_template_is_not_made_when_nothing_is_cloned():
    want = wishes()
    assert difference(want, landscape(machines=(as_wanted(want),))).empty


def test_what_is_as_wanted_needs_nothing():
    want = wishes(node("server-1", 1), node("agent-1", 2, role="agent", cores=4))
    assert difference(want, landscape(as_wanted(want), as_wanted(want, 202))).empty


def test_a_changed_memory_says_before_and_after_and_that_it_needs_a_restart():
    want = wishes(node("server-1", 1, memory="8GiB"))
    found = but(as_wanted(want), memory="4096")
    plan = difference(want, landscape(found))
    assert kinds(plan) == [Kind.SNAPSHOT, Kind.CONFIGURE, Kind.RESTART]
    assert changes(plan, Kind.CONFIGURE) == [Change("memory", "4 GiB", "8 GiB", Effect.AT_RESTART)]


def test_a_stopped_machine_gets_its_changes_with_its_start():
    want = wishes()
    found = but(as_wanted(want, running=False), cores="1")
    plan = difference(want, landscape(found))
    assert kinds(plan) == [Kind.CONFIGURE, Kind.START]
    assert changes(plan, Kind.CONFIGURE)[0].effect is Effect.AT_ONCE


def test_a_change_that_waits_for_a_restart_is_still_a_plan():
    want = wishes()
    plan = difference(want, landscape(as_wanted(want, pending={"cores": "1"})))
    assert kinds(plan) == [Kind.RESTART]
    assert changes(plan, Kind.RESTART) == [Change("cores", "1", "2", Effect.AT_RESTART)]


def test_a_change_by_hand_that_never_took_effect_is_set_back_without_a_restart():
    want = wishes()
    found = but(as_wanted(want, pending={"cores": "2"}), cores="8")
    assert kinds(difference(want, landscape(found))) == [Kind.SNAPSHOT, Kind.CONFIGURE]


def test_what_others_wrote_into_the_machine_is_left_alone():
    want = wishes()
    found = but(
        as_wanted(want),
        description="bought in 2024",
        tags="homeostat;homeostat-home;production",
        scsi1="local-lvm:vm-201-disk-1,size=500G",
        net1="virtio=BC:24:11:00:00:09,bridge=vmbr7",
        hotplug="disk",
    )
    assert difference(want, landscape(found)).empty


def test_other_tags_stay_when_a_lost_one_is_put_back():
    want = wishes()
    found = but(as_wanted(want, tags=frozenset({"production"})), tags="production")
    (configure,) = difference(want, landscape(found)).of_kind(Kind.CONFIGURE)
    assert configure.parameters["tags"] == "homeostat;homeostat-home;production"


def test_a_bridge_that_is_put_back_keeps_the_mac_address_and_the_firewall():
    want = wishes(proxmox={"vlan": 20})
    found = but(as_wanted(want), net0="virtio=BC:24:11:AA:BB:CC,bridge=vmbr9,firewall=1")
    (configure,) = difference(want, landscape(found)).of_kind(Kind.CONFIGURE)
    assert configure.parameters == {"net0": "virtio=BC:24:11:AA:BB:CC,firewall=1,bridge=vmbr0,tag=20"}


def test_a_bridge_changes_without_a_restart():
    want = wishes()
    found = but(as_wanted(want), net0="virtio=BC:24:11:AA:BB:CC,bridge=vmbr9")
    assert kinds(difference(want, landscape(found))) == [Kind.SNAPSHOT, Kind.CONFIGURE]


def test_a_label_is_changed_without_a_snapshot():
    want = wishes()
    assert kinds(difference(want, landscape(but(as_wanted(want), onboot="0")))) == [Kind.CONFIGURE]


def test_a_machine_with_a_device_says_that_it_gets_no_snapshot():
    want = wishes(node("server-1", 1, gpu={"mapping": "gpu"}))
    plan = difference(want, landscape(but(as_wanted(want), cores="1")))
    assert "passed through" in plan.of_kind(Kind.SNAPSHOT)[0].note


def test_a_mapped_device_that_is_no_longer_wanted_goes_and_a_raw_one_stays():
    want = wishes()
    mapped = difference(want, landscape(but(as_wanted(want), hostpci0="mapping=gpu,pcie=1")))
    raw = difference(want, landscape(but(as_wanted(want), hostpci0="0000:01:00.0")))
    assert mapped.of_kind(Kind.CONFIGURE)[0].parameters == {"delete": "hostpci0"}
    assert raw.empty


def test_a_disk_is_grown_to_what_is_wanted():
    want = wishes(node("server-1", 1, disk="40GiB"))
    found = but(as_wanted(want), scsi0="local-lvm:vm-201-disk-0,size=32G")
    plan = difference(want, landscape(found))
    assert changes(plan, Kind.GROW) == [Change("disk", "32 GiB", "40 GiB")]
    assert plan.of_kind(Kind.GROW)[0].parameters == {"size": "40G"}


def test_a_clone_for_another_host_moves_there_when_only_the_first_has_the_disk():
    plan = difference(wishes(node("server-1", 1, host="pve2")), landscape())
    assert kinds(plan)[:3] == [Kind.CLONE, Kind.MIGRATE, Kind.CONFIGURE]
    assert [action.host for action in plan.actions[:3]] == ["pve1", "pve1", "pve2"]


def test_a_clone_on_a_shared_storage_is_made_where_it_shall_be():
    on_ceph = but(TEMPLATE, scsi0="ceph:base-9000-disk-0,size=3G")
    wanted = wishes(node("server-1", 1, host="pve2", storage="ceph"))
    plan = difference(wanted, landscape(machines=(on_ceph,)))
    assert Kind.MIGRATE not in kinds(plan)
    assert plan.actions[0].parameters["target"] == "pve2"


def test_a_running_machine_on_a_shared_storage_moves_while_it_runs():
    want = wishes(node("server-1", 1, storage="ceph"))
    plan = difference(want, landscape(as_wanted(want, host="pve2")))
    assert kinds(plan) == [Kind.MIGRATE]
    assert plan.actions[0].parameters == {"target": "pve1", "online": "1"}


def test_a_machine_that_ha_moved_is_where_it_should_be():
    want = wishes(node("server-1", 1, storage="ceph", ha=True))
    assert difference(want, landscape(as_wanted(want, host="pve2"))).empty


def test_ha_is_begun_moved_to_another_group_and_ended():
    want = wishes(node("server-1", 1, storage="ceph", ha=True), proxmox={"ha_group": "all"})
    begun = difference(want, landscape(as_wanted(want, ha_group=None)))
    moved = difference(want, landscape(as_wanted(want, ha_group="some")))
    ended = difference(wishes(), landscape(as_wanted(wishes(), ha_group="some")))
    assert [kinds(plan) for plan in (begun, moved, ended)] == [[Kind.HA], [Kind.HA], [Kind.HA_END]]


def test_machines_that_left_the_file_are_listed_and_those_of_others_are_not():
    want = wishes()
    left = as_wanted(wishes(node("agent-9", 9)), 209)
    foreign = FoundMachine(vmid=300, name="nas", host="pve1", running=True, memory_bytes=8 * GIB)
    sister = FoundMachine(
        vmid=301, name="x", host="pve1", running=True, tags=frozenset({"homeostat", "homeostat-lab"})
    )
    plan = difference(want, landscape(as_wanted(want), left, foreign, sister))
    assert [(action.kind, action.vmid) for action in plan.actions] == [(Kind.REMOVE, 209)]


def test_memory_that_others_use_is_a_note():
    want = wishes(node("server-1", 1, memory="60GiB"))
    nas = FoundMachine(vmid=300, name="nas", host="pve1", running=True, memory_bytes=8 * GIB)
    (note,) = difference(want, landscape(nas)).notes
    assert "64 GiB" in note
    assert "8 GiB" in note
