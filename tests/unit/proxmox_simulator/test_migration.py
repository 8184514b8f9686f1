from tests.proxmox_simulator import Host, Simulator, Storage
from tests.unit.proxmox_simulator.talking import Client, refused


def test_a_stopped_vm_moves_with_its_local_disks(proxmox, admin):
    admin.create(100, scsi0="local:8")
    admin.done(admin.vm(100).migrate.post(target="pve2"))
    assert proxmox.vms[100].host == "pve2"
    assert list(proxmox.storage("local", "pve2").volumes) == ["100/vm-100-disk-0.raw"]
    assert proxmox.storage("local", "pve1").volumes == {}
    with refused(500, "Configuration file 'nodes/pve1/qemu-server/100.conf' does not exist"):
        admin.config(100)


def test_a_snapshot_keeps_local_disks_where_they_are_unless_their_type_carries_it():
    storages = (Storage("local"), Storage("thin", "lvmthin"), Storage("tank", "zfspool"))
    with Simulator.start(hosts=(Host("pve1", storages=storages), Host("pve2", storages=storages))) as proxmox:
        admin = Client.by_token(proxmox, "root@pam!t", proxmox.create_token("root@pam!t"))
        ends = {}
        for vmid, disk in ((100, "thin:8"), (101, "tank:8"), (102, "local:8,format=qcow2")):
            admin.create(vmid, scsi0=disk)
            admin.done(admin.vm(vmid).snapshot.post(snapname="before"))
            ends[vmid] = admin.ended(admin.vm(vmid).migrate.post(target="pve2"))
        thin = "can't migrate local disk 'thin:vm-100-disk-0': non-migratable snapshot exists"
        assert ends == {100: thin, 101: "OK", 102: "OK"}
        admin.done(admin.vm(100).snapshot("before").delete())
        admin.done(admin.vm(100).migrate.post(target="pve2"))


def test_a_running_vm_moves_only_online(admin):
    admin.create(100, scsi0="nas:8")
    admin.done(admin.vm(100).status.start.post())
    with refused(400, "VM is running - missing 'online' option"):
        admin.vm(100).migrate.post(target="pve2")
    admin.done(admin.vm(100).migrate.post(target="pve2", online=1))
    admin.host = "pve2"
    assert admin.vm(100).status.current.get()["status"] == "running"


def test_a_disk_stays_where_the_other_host_lacks_its_storage(admin):
    admin.create(100, scsi0="local-lvm:8")
    ended = admin.ended(admin.vm(100).migrate.post(target="pve2"))
    assert ended == "storage 'local-lvm' is not available on node 'pve2'"
    assert "lock" not in admin.config(100)


def test_a_vm_is_not_moved_to_where_it_is(admin):
    admin.create(100)
    with refused(400, "target is local node."):
        admin.vm(100).migrate.post(target="pve1")


def test_bridges_and_mapped_devices_are_missed_when_the_vm_starts(admin):
    admin.create(100, net0="virtio,bridge=vmbr7")
    assert admin.ended(admin.vm(100).status.start.post()) == "bridge 'vmbr7' does not exist"
    admin.create(101, hostpci0="mapping=gpu")
    assert admin.ended(admin.vm(101).status.start.post()) == "PCI device mapping not found for 'gpu'"
    assert admin.api.cluster.mapping.pci.get() == []
