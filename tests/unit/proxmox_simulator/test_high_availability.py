import time

import pytest

from tests.proxmox_simulator import Simulator
from tests.unit.proxmox_simulator.talking import PATIENCE_SECONDS, Client, refused


@pytest.fixture
def nine():
    with Simulator.start(version="9.0.3") as proxmox:
        yield Client.by_token(proxmox, "root@pam!t", proxmox.create_token("root@pam!t"))


def test_a_group_of_8_holds_resources(admin):
    ha = admin.api.cluster.ha
    admin.create(100)
    ha.groups.post(group="servers", nodes="pve1:2,pve2:1", restricted=0)
    ha.resources.post(sid="vm:100", group="servers", state="stopped")
    assert ha.resources("vm:100").get()["group"] == "servers"
    with refused(500, "ha group is used by service"):
        ha.groups("servers").delete()
    with refused(500, "HA group 'none' does not exist"):
        ha.resources("vm:100").put(group="none")
    with refused(501, "not implemented"):
        ha.rules.get()


def test_9_has_rules_in_place_of_groups(nine):
    ha = nine.api.cluster.ha
    nine.create(100)
    with refused(500, "ha groups have been migrated to rules"):
        ha.groups.get()
    with refused(500, "cannot create group: ha groups have been migrated to rules"):
        ha.groups.post(group="servers", nodes="pve1")
    rule = {"rule": "apart", "type": "resource-affinity", "affinity": "negative", "resources": "vm:100"}
    with refused(500, "cannot use unmanaged resource(s) vm:100."):
        ha.rules.post(**rule)
    ha.resources.post(sid="vm:100", state="stopped")
    ha.rules.post(**rule)
    (listed,) = ha.rules.get()
    digest = listed.pop("digest")
    assert listed == rule
    ha.rules("apart").put(type="resource-affinity", comment="a", digest=digest)
    with refused(500, "detected modified configuration"):
        ha.rules("apart").put(type="resource-affinity", comment="b", digest=digest)
    with refused(400, "property is missing and it is not optional"):
        ha.rules.post(rule="near", type="node-affinity", resources="vm:100")


def test_a_managed_vm_is_started_by_the_manager_on_request(admin):
    admin.create(100)
    admin.api.cluster.ha.resources.post(sid="vm:100", state="stopped")
    upid = admin.vm(100).status.start.post()
    assert ":hastart:100:" in upid
    admin.done(upid)
    end = time.monotonic() + PATIENCE_SECONDS
    while admin.vm(100).status.current.get()["status"] != "running":
        assert time.monotonic() < end


def test_a_resource_that_goes_leaves_its_rules_and_takes_the_last_with_it(nine):
    ha = nine.api.cluster.ha
    for vmid in (100, 101):
        nine.create(vmid)
        ha.resources.post(sid=f"vm:{vmid}", state="stopped")
    ha.rules.post(rule="near", type="node-affinity", nodes="pve1", resources="vm:100,vm:101")
    ha.resources("vm:100").delete()
    assert [rule["resources"] for rule in ha.rules.get()] == ["vm:101"]
    nine.done(nine.vm(101).delete(purge=1))
    assert ha.rules.get() == []
    with refused(500, "no such ha rule 'near'"):
        ha.rules("near").get()


def test_a_managed_vm_stops_after_the_task_that_asked_for_it_has_ended(proxmox, admin):
    admin.create(100)
    admin.done(admin.vm(100).status.start.post())
    admin.api.cluster.ha.resources.post(sid="vm:100")
    with proxmox.held_task("qmshutdown"):
        admin.done(admin.vm(100).status.shutdown.post())
        assert admin.vm(100).status.current.get()["status"] == "running"
    end = time.monotonic() + PATIENCE_SECONDS
    while admin.vm(100).status.current.get()["status"] == "running":
        assert time.monotonic() < end


def test_a_managed_vm_is_deleted_only_with_purge(admin):
    admin.create(100)
    admin.api.cluster.ha.resources.post(sid="100", state="stopped")
    with refused(500, "used in HA resources and purge parameter not set"):
        admin.vm(100).delete()
    admin.done(admin.vm(100).delete(purge=1))
    assert admin.api.cluster.ha.resources.get() == []


def test_pools_keep_their_members_apart_and_are_deleted_when_empty(admin):
    admin.create(100)
    for name in ("one", "two"):
        admin.api.pools.post(poolid=name)
    admin.api.pools("one").put(vms="100")
    assert [member["vmid"] for member in admin.api.pools("one").get()["members"]] == [100]
    with refused(500, "VM 100 belongs already to pool 'one'"):
        admin.api.pools("two").put(vms="100")
    with refused(500, "pool 'one' is not empty"):
        admin.api.pools("one").delete()
    admin.done(admin.vm(100).delete())
    admin.api.pools("one").delete()
