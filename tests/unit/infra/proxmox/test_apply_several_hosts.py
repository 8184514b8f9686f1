"""Machines on several hosts: shared and local storages, HA before and since Proxmox VE 9, and devices."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from infra.proxmox.api.tasks import follow
from infra.proxmox.errors import NotSuitable
from infra.proxmox.plan.actions import Kind
from tests.proxmox_simulator import Host, Storage, VirtualMachine
from tests.unit.infra.proxmox.samples import node
from tests.unit.infra.proxmox.site import TOKEN, Site, open_site

STORAGES = (Storage("local"), Storage("local-lvm"), Storage("ceph", "nfs", shared=True))
HOSTS = (
    Host("pve1", storages=STORAGES, pci_mappings=("gpu",)),
    Host("pve2", storages=STORAGES),
)
Opener = Callable[[str], AbstractContextManager[Site]]


@pytest.fixture
def opened(tmp_path: Path) -> Opener:
    @contextmanager
    def opener(version: str = "8.4.1") -> Generator[Site]:
        with open_site(tmp_path, hosts=HOSTS, version=version) as site:
            yield site

    return opener


@pytest.fixture
def site(opened: Opener):
    with opened("8.4.1") as one:
        yield one


def test_a_clone_moves_to_a_host_that_cannot_see_the_templates_disk(site: Site):
    definition = site.definition(node("server-1", 1), node("agent-1", 2, role="agent", host="pve2"))
    assert not site.apply(definition).failures
    assert (site.vm(202).host, site.vm(202).status) == ("pve2", "running")
    assert site.plan(definition).empty


def test_a_clone_of_a_shared_template_is_made_on_its_host(site: Site):
    nodes = node("server-1", 1), node("agent-1", 2, role="agent", host="pve2")
    definition = site.definition(*nodes, proxmox={"storage": "ceph"})
    assert not site.apply(definition).failures
    assert site.vm(202).host == "pve2"
    assert not [task for task in site.proxmox.tasks if task.kind == "qmigrate"]


def test_a_running_machine_on_a_shared_storage_moves(site: Site):
    site.apply(site.definition(node("server-1", 1, storage="ceph"), node("agent-1", 2, storage="ceph")))
    moved = site.definition(
        node("server-1", 1, storage="ceph"), node("agent-1", 2, storage="ceph", host="pve2")
    )
    assert not site.apply(moved).failures
    assert (site.vm(202).host, site.vm(202).status) == ("pve2", "running")
    assert site.plan(moved).empty


def test_a_running_machine_on_a_local_storage_is_not_copied(site: Site):
    site.apply(site.definition(node("server-1", 1)))
    with pytest.raises(NotSuitable, match="drain the node and shut it down"):
        site.plan(site.definition(node("server-1", 1, host="pve2")))


def snapshots(site: Site, *names: str) -> None:
    with site.session(site.definition()) as session:
        for name in names:
            task = session.create("/nodes/pve1/qemu/201/snapshot", snapname=name)
            follow(session, task, site.told.append, 20)


def test_our_own_snapshots_do_not_keep_a_stopped_machine_where_it_is(site: Site):
    site.apply(site.definition(node("server-1", 1)))
    snapshots(site, "homeostat-20200101-000000", "homeostat-20200102-000000")
    site.vm().status = "stopped"
    moved = site.definition(node("server-1", 1, host="pve2"))
    dropped, migrated, *_ = site.plan(moved).actions
    assert [dropped.kind, migrated.kind] == [Kind.DROP_SNAPSHOTS, Kind.MIGRATE]
    assert not site.apply(moved).failures
    assert (site.vm().host, site.vm().snapshots) == ("pve2", {})
    assert site.plan(moved).empty


def test_a_persons_snapshot_that_keeps_a_machine_where_it_is_is_a_mistake(site: Site):
    site.apply(site.definition(node("server-1", 1)))
    snapshots(site, "mine", "homeostat-20200101-000000")
    site.vm().status = "stopped"
    with pytest.raises(NotSuitable, match="its snapshot 'mine' can't move along"):
        site.plan(site.definition(node("server-1", 1, host="pve2")))


@pytest.mark.parametrize("kind", ["zfspool", "btrfs"])
def test_snapshots_move_along_where_the_storage_carries_them(tmp_path: Path, kind: str):
    storages = (Storage("local"), Storage("local-lvm", kind))
    hosts = (Host("pve1", storages=storages), Host("pve2", storages=storages))
    with open_site(tmp_path, hosts=hosts) as site:
        site.apply(site.definition(node("server-1", 1)))
        snapshots(site, "mine", "homeostat-20200101-000000")
        site.vm().status = "stopped"
        assert not site.apply(site.definition(node("server-1", 1, host="pve2"))).failures
        assert len(site.vm().snapshots) == 2


@pytest.mark.parametrize("version", ["8.4.1", "9.1.2"])
def test_ha_manages_a_machine_and_leaves_it_again(opened: Opener, version: str):
    with opened(version) as site:
        shared = node("server-1", 1, storage="ceph")
        managed = site.definition({**shared, "ha": True})
        assert not site.apply(managed).failures
        assert site.plan(managed).empty
        left = site.definition(shared)
        assert [action.kind for action in site.plan(left).actions] == [Kind.HA_END]
        assert not site.apply(left).failures
        assert site.plan(left).empty
        assert site.vm().status == "running"


@pytest.mark.parametrize("version", ["8.4.1", "9.1.2"])
def test_ha_keeps_a_machine_in_its_group(opened: Opener, version: str):
    with opened(version) as site:
        grouped = site.definition(node("server-1", 1, storage="ceph", ha=True), proxmox={"ha_group": "both"})
        site.secret = site.proxmox.create_token(TOKEN)
        site.proxmox.vms[300] = VirtualMachine(300, "pve1", {"name": "nas"})
        with site.session(grouped) as session:
            if version.startswith("8"):
                session.create("/cluster/ha/groups", group="both", nodes="pve1,pve2")
            else:
                session.create("/cluster/ha/resources", sid="vm:300")
                rule = {"rule": "both", "type": "node-affinity", "nodes": "pve1,pve2", "resources": "vm:300"}
                session.create("/cluster/ha/rules", **rule)
        assert not site.apply(grouped).failures
        assert site.plan(grouped).empty


def test_a_destroyed_machine_is_no_longer_managed(site: Site):
    managed = site.definition(node("server-1", 1, storage="ceph", ha=True), node("server-2", 2))
    site.apply(managed)
    assert not site.apply(site.definition(node("server-2", 2)), Kind.REMOVE).failures
    assert 201 not in site.proxmox.vms


def test_a_device_is_passed_through(site: Site):
    definition = site.definition(node("server-1", 1, gpu={"mapping": "gpu"}))
    assert not site.apply(definition).failures
    assert site.vm().config["hostpci0"] == "mapping=gpu,pcie=1"
    assert "q35" in site.vm().config["machine"]
    assert site.plan(definition).empty


def test_a_device_that_no_host_has_is_a_mistake(site: Site):
    with pytest.raises(NotSuitable, match=r"gpu\.mapping is 'npu'"):
        site.plan(site.definition(node("server-1", 1, gpu={"mapping": "npu"})))
