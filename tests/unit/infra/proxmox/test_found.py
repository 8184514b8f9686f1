"""Proxmox's answers as values."""

from __future__ import annotations

from infra.proxmox.found import FoundMachine, Ownership, pending_of
from infra.proxmox.plan.actions import Kind
from infra.proxmox.plan.difference import difference
from tests.unit.infra.proxmox.samples import as_wanted, but, landscape, wishes


def test_options_are_read_as_they_will_be_and_pending_ones_as_they_run():
    rows = [
        {"key": "cores", "value": 2, "pending": 4},
        {"key": "memory", "value": "4096"},
        {"key": "hostpci0", "value": "mapping=gpu", "delete": 1},
        {"key": "machine", "pending": "q35"},
        {"key": "digest", "value": "abc"},
    ]
    options, pending = pending_of(rows)
    assert options == {"cores": "4", "memory": "4096", "machine": "q35", "digest": "abc"}
    assert pending == {"cores": "2", "hostpci0": "mapping=gpu", "machine": None}


def test_an_address_that_the_cloud_init_drive_does_not_have_yet_waits_for_a_restart():
    want = wishes()
    machine = as_wanted(want, pending={"ipconfig0": "ip=192.168.20.99/24,gw=192.168.20.1"})
    (action,) = difference(want, landscape(machine)).actions
    assert action.kind is Kind.RESTART
    assert [change.field for change in action.changes] == ["ipconfig0"]


def test_a_template_or_a_container_with_our_tags_is_not_ours():
    want = wishes()
    tags = want.tags
    assert not FoundMachine(201, "x", "pve1", running=False, tags=tags, is_template=True).carries(tags)
    assert not FoundMachine(201, "x", "pve1", running=False, tags=tags, is_container=True).carries(tags)


def test_a_mark_of_another_cluster_or_node_does_not_make_a_machine_ours():
    (machine,) = wishes().machines
    found = but(as_wanted(wishes(), tags=frozenset()), description="homeostat: node server-1 of cluster lab")
    assert found.ownership(machine) is Ownership.FOREIGN
