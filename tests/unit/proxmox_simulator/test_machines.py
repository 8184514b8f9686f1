import threading

import pytest
from proxmoxer.core import ResourceException

from tests.proxmox_simulator import Host, Simulator
from tests.unit.proxmox_simulator.talking import Client, refused


def test_a_number_that_is_taken_is_refused(admin):
    admin.create(100)
    with refused(500, "unable to create VM 100 - VM 100 already exists on node 'pve1'"):
        admin.node.qemu.post(vmid=100)
    admin.create_template(9000)
    with refused(500, "unable to create VM 100: config file already exists"):
        admin.vm(9000).clone.post(newid=100)


def test_the_next_number_is_the_first_free_one(admin):
    admin.create(100)
    assert admin.api.cluster.nextid.get() == "101"
    assert admin.api.cluster.nextid.get(vmid=150) == "150"
    with refused(400, "VM 100 already exists"):
        admin.api.cluster.nextid.get(vmid=100)


def test_of_many_who_ask_for_the_same_number_one_gets_it(proxmox):
    secret, outcomes = proxmox.create_token("root@pam!t"), []

    def ask():
        client = Client.by_token(proxmox, "root@pam!t", secret)
        try:
            outcomes.append(client.node.qemu.post(vmid=100))
        except ResourceException as error:
            outcomes.append(error)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(isinstance(outcome, str) for outcome in outcomes) == 1


def test_a_vm_that_is_not_there_is_refused_with_its_file(admin):
    with refused(500, "Configuration file 'nodes/pve1/qemu-server/100.conf' does not exist"):
        admin.config(100)


def test_what_a_running_vm_cannot_take_up_waits_for_its_next_start(admin):
    admin.create(100, cores=1, memory=1024)
    admin.done(admin.vm(100).status.start.post())
    admin.vm(100).config.put(cores=4, description="now", delete="memory")
    rows = {row["key"]: row for row in admin.vm(100).pending.get()}
    assert rows["cores"] == {"key": "cores", "value": 1, "pending": 4}
    assert rows["memory"] == {"key": "memory", "value": "1024", "delete": 1}
    assert rows["description"] == {"key": "description", "value": "now"}
    assert (admin.config(100)["cores"], admin.vm(100).config.get(current=1)["cores"]) == (4, 1)
    admin.done(admin.vm(100).status.reboot.post())
    assert admin.vm(100).config.get(current=1)["cores"] == 4
    assert "memory" not in admin.config(100)


def test_a_pending_change_can_be_reverted(admin):
    admin.create(100, cores=1)
    admin.done(admin.vm(100).status.start.post())
    admin.vm(100).config.put(cores=4)
    admin.vm(100).config.put(revert="cores")
    assert admin.config(100)["cores"] == 1


def test_a_change_by_a_task_is_done_by_its_end(admin):
    admin.create(100)
    admin.done(admin.vm(100).config.post(cores=3))
    assert admin.config(100)["cores"] == 3


def test_an_empty_change_is_refused(admin):
    admin.create(100)
    with refused(500, "no options specified"):
        admin.vm(100).config.put()


def test_power_goes_through_its_states(admin):
    admin.create(100)
    states = []
    for action in ("start", "shutdown", "start", "stop"):
        admin.done(getattr(admin.vm(100).status, action).post())
        states.append(admin.vm(100).status.current.get()["status"])
    assert states == ["running", "stopped", "running", "stopped"]
    assert admin.ended(admin.vm(100).status.shutdown.post()) == "VM 100 not running"
    admin.done(admin.vm(100).status.start.post())
    assert admin.ended(admin.vm(100).status.start.post()) == "VM 100 already running"


def test_a_vm_that_runs_or_is_protected_is_not_deleted(admin):
    admin.create(100)
    admin.done(admin.vm(100).status.start.post())
    with refused(500, "VM 100 is running - destroy failed"):
        admin.vm(100).delete()
    admin.done(admin.vm(100).status.stop.post())
    admin.vm(100).config.put(protection=1)
    with refused(500, "can't remove VM 100 - protection mode enabled"):
        admin.vm(100).delete()
    admin.vm(100).config.put(protection=0)
    admin.done(admin.vm(100).delete(purge=1))
    assert admin.node.qemu.get() == []


def test_a_template_is_not_started_and_not_made_twice(admin):
    admin.create_template(9000)
    with refused(500, "you can't start a vm if it's a template"):
        admin.vm(9000).status.start.post()
    with refused(500, "you can't convert a template to a template"):
        admin.vm(9000).template.post()


def test_a_clone_has_an_identity_of_its_own(admin):
    admin.create_template(9000, net0="virtio,bridge=vmbr0", tags="template", ide2="local-lvm:cloudinit")
    admin.done(admin.vm(9000).clone.post(newid=101, name="web", full=1, storage="local-lvm"))
    template, clone = admin.config(9000), admin.config(101)
    assert clone["name"] == "web"
    assert clone["scsi0"] == "local-lvm:vm-101-disk-0,size=8G"
    assert clone["ide2"].startswith("local-lvm:vm-101-cloudinit,media=cdrom")
    assert clone["tags"] == "template"
    assert "template" not in clone
    assert all(clone[key] != template[key] for key in ("net0", "smbios1", "vmgenid"))


def test_a_clone_that_fails_leaves_no_vm(proxmox, admin):
    admin.create_template(9000)
    proxmox.fail_task("qmclone", ["copying", "input/output error"])
    assert admin.ended(admin.vm(9000).clone.post(newid=101)) == "clone failed: input/output error"
    assert 101 not in proxmox.vms


@pytest.mark.parametrize(("storage", "allowed"), [("nas", True), ("local", False)])
def test_a_clone_goes_to_another_host_only_over_a_shared_storage(admin, storage, allowed):
    admin.create_template(9000, storage=storage)
    if allowed:
        admin.done(admin.vm(9000).clone.post(newid=101, target="pve2"))
        assert [row["node"] for row in admin.api.cluster.resources.get(type="vm") if row["vmid"] == 101] == [
            "pve2"
        ]
    else:
        with refused(500, "can't clone VM to node 'pve2' (VM uses local storage)"):
            admin.vm(9000).clone.post(newid=101, target="pve2")


def test_machines_stand_behind_vms_where_they_are_given():
    class Recorded:
        def __init__(self):
            self.calls = []

        def start(self, vm):
            self.calls.append(("start", vm.vmid, vm.config["cores"]))

        def shutdown(self, vmid):
            self.calls.append(("shutdown", vmid))

        def stop(self, vmid):
            self.calls.append(("stop", vmid))

        def destroy(self, vmid):
            raise RuntimeError(f"{vmid} resists")

    machines = Recorded()
    with Simulator.start(hosts=(Host("pve1"),), machines=machines) as proxmox:
        admin = Client.by_token(proxmox, "root@pam!t", proxmox.create_token("root@pam!t"))
        admin.create(100, cores=1, start=1)
        admin.vm(100).config.put(cores=2)
        admin.done(admin.vm(100).status.reboot.post())
        admin.done(admin.vm(100).status.stop.post())
        assert machines.calls == [("start", 100, "1"), ("shutdown", 100), ("start", 100, "2"), ("stop", 100)]
        assert "100 resists" in admin.ended(admin.vm(100).delete())
        assert 100 in proxmox.vms


def test_many_clients_work_side_by_side_and_leave_nothing_behind(proxmox, admin):
    admin.api.pools.post(poolid="homelab")
    admin.create_template(9000, ide2="local-lvm:cloudinit", net0="virtio,bridge=vmbr0")
    before, secret, failures = (
        set(proxmox.storage("local-lvm").volumes),
        proxmox.create_token("root@pam!t"),
        [],
    )

    def live(vmid):
        client = Client.by_token(proxmox, "root@pam!t", secret)
        try:
            client.done(client.vm(9000).clone.post(newid=vmid, full=1, pool="homelab"))
            client.done(client.vm(vmid).status.start.post())
            client.api.cluster.resources.get()
            client.done(client.vm(vmid).status.stop.post())
            client.done(client.vm(vmid).delete())
        except (ResourceException, AssertionError) as failure:
            failures.append(failure)

    threads = [threading.Thread(target=live, args=(vmid,)) for vmid in range(200, 208)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert (set(proxmox.vms), set(proxmox.storage("local-lvm").volumes)) == ({9000}, before)
