import pytest

from tests.proxmox_simulator import Simulator
from tests.unit.proxmox_simulator.talking import Client, refused

EVERY_OPTION = {
    f"VM.Config.{n}" for n in ("CPU", "Memory", "Disk", "Network", "Options", "Cloudinit", "HWType", "CDROM")
}


@pytest.mark.parametrize(
    ("setting", "privilege"),
    [
        ({"cores": 2}, "VM.Config.CPU"),
        ({"memory": 1024}, "VM.Config.Memory"),
        ({"name": "web"}, "VM.Config.Options"),
        ({"tags": "web"}, "VM.Config.Options"),
        ({"scsihw": "virtio-scsi-pci"}, "VM.Config.HWType"),
        ({"net0": "virtio,bridge=vmbr0"}, "VM.Config.Network"),
        ({"boot": "order=scsi0"}, "VM.Config.Disk"),
    ],
)
def test_each_option_needs_its_own_privilege(proxmox, admin, setting, privilege):
    admin.create(100)
    client = Client.with_privileges(proxmox, {"/vms/100": (EVERY_OPTION | {"VM.Audit"}) - {privilege}})
    with refused(403, f"Permission check failed (/vms/100, {privilege})"):
        client.vm(100).config.put(**setting)


def test_a_privilege_on_the_root_reaches_down_and_a_nearer_entry_replaces_it(proxmox, admin):
    admin.create(100)
    admin.create(101)
    client = Client.with_privileges(proxmox, {"/": {"VM.Audit"}, "/vms/101": {"VM.PowerMgmt"}})
    assert client.config(100)["digest"]
    with refused(403, "Permission check failed (/vms/101, VM.Audit)"):
        client.config(101)
    assert [row["vmid"] for row in client.api.cluster.resources.get(type="vm")] == [100]


def test_a_pool_gives_its_members_what_it_was_given(proxmox, admin):
    admin.api.pools.post(poolid="homelab")
    client = Client.with_privileges(proxmox, {"/pool/homelab": {"VM.Allocate", "VM.Audit"}})
    with refused(403, "Permission check failed (/vms/100, VM.Allocate)"):
        client.node.qemu.post(vmid=100)
    client.create(100, pool="homelab")
    assert client.config(100)["digest"]


def test_tags_of_a_new_vm_need_a_right_on_the_vm_itself(proxmox, admin):
    admin.api.pools.post(poolid="homelab")
    rights = {"VM.Allocate", "VM.Audit", "VM.Config.Options"}
    client = Client.with_privileges(proxmox, {"/pool/homelab": rights})
    with refused(403, "Permission check failed (/vms/100, VM.Config.Options)"):
        client.node.qemu.post(vmid=100, pool="homelab", name="web", tags="web")
    client.create(100, pool="homelab", name="web")
    client.vm(100).config.put(tags="web")


def test_a_clone_needs_the_source_the_number_and_the_storage(proxmox, admin):
    admin.create_template(9000)
    rights = {
        "/vms/9000": {"VM.Clone"},
        "/vms/101": {"VM.Allocate"},
        "/storage/local-lvm": {"Datastore.AllocateSpace"},
    }
    for missing, sentence in {
        "/vms/9000": "Permission check failed (/vms/9000, VM.Clone)",
        "/vms/101": "Permission check failed",
        "/storage/local-lvm": "Permission check failed (/storage/local-lvm, Datastore.AllocateSpace)",
    }.items():
        client = Client.with_privileges(
            proxmox, {path: names for path, names in rights.items() if path != missing}
        )
        with refused(403, sentence):
            client.vm(9000).clone.post(newid=101)
    client = Client.with_privileges(proxmox, rights)
    client.done(client.vm(9000).clone.post(newid=101))


def test_a_bridge_needs_sdn_use_also_when_a_template_with_one_is_cloned(proxmox, admin):
    admin.create_template(9000, net0="virtio,bridge=vmbr0")
    client = Client.with_privileges(
        proxmox, {"/vms": {"VM.Clone", "VM.Allocate"}, "/storage": {"Datastore.AllocateSpace"}}
    )
    with refused(403, "Permission check failed (/sdn/zones/localnetwork/vmbr0, SDN.Use)"):
        client.vm(9000).clone.post(newid=101)


def test_start_order_changes_the_host_so_it_needs_a_privilege_there(proxmox, admin):
    admin.create(100)
    client = Client.with_privileges(proxmox, {"/vms/100": EVERY_OPTION})
    with refused(403, "Permission check failed (/, Sys.Modify)"):
        client.vm(100).config.put(startup="order=1")


def test_a_raw_pci_device_is_for_root_alone_and_a_mapping_for_who_may_use_it(proxmox, admin, root):
    admin.create(100)
    with refused(500, "only root can set 'hostpci0' config for non-mapped devices"):
        admin.vm(100).config.put(hostpci0="0000:01:00.0")
    root.vm(100).config.put(hostpci0="0000:01:00.0")
    admin.vm(100).config.put(hostpci0="mapping=gpu,pcie=1")
    client = Client.with_privileges(proxmox, {"/vms/100": EVERY_OPTION})
    with refused(403, "Permission check failed (/mapping/pci/gpu, Mapping.Use)"):
        client.vm(100).config.put(hostpci0="mapping=gpu")


def test_what_is_not_ruled_is_for_root_alone(admin, root):
    admin.create(100)
    with refused(500, "only root can set 'args' config"):
        admin.vm(100).config.put(args="-cpu host")
    root.vm(100).config.put(args="-cpu host")


def test_a_token_can_read_its_own_effective_privileges(proxmox):
    client = Client.with_privileges(proxmox, {"/": {"VM.Audit"}, "/storage/local": {"Datastore.Audit"}})
    found = client.api.access.permissions.get()
    assert found["/vms"] == {"VM.Audit": 1}
    assert found["/storage/local"] == {"Datastore.Audit": 1}
    assert client.api.access.permissions.get(path="/vms/100") == {"/vms/100": {"VM.Audit": 1}}


def test_privileges_of_the_guest_agent_came_with_9():
    for version, privilege in {"8.4.1": "VM.Monitor", "9.0.3": "VM.GuestAgent.Audit"}.items():
        with Simulator.start(version=version) as proxmox:
            admin = Client.by_token(proxmox, "root@pam!t", proxmox.create_token("root@pam!t"))
            assert privilege in admin.api.access.permissions.get()["/"]


def test_lists_leave_out_what_the_caller_may_not_see(proxmox, admin):
    client = Client.with_privileges(proxmox, {"/storage/local": {"Datastore.Audit"}})
    assert [row["storage"] for row in client.node.storage.get()] == ["local"]
    admin.create(100)
    assert client.node.qemu.get() == []


def test_another_users_task_is_shown_only_with_audit_on_the_host(proxmox, admin):
    upid = admin.node.qemu.post(vmid=100)
    client = Client.with_privileges(proxmox, {"/": {"VM.Audit"}})
    with refused(403, "Permission check failed (/nodes/pve1, Sys.Audit)"):
        client.node.tasks(upid).status.get()
