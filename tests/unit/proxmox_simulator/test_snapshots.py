from tests.unit.proxmox_simulator.talking import refused


def test_a_snapshot_brings_an_older_configuration_back(admin):
    admin.create(100, cores=1, scsi0="local-lvm:8")
    admin.done(admin.vm(100).snapshot.post(snapname="before", description="change"))
    admin.vm(100).config.put(cores=8)
    assert [row["name"] for row in admin.vm(100).snapshot.get()] == ["before", "current"]
    admin.done(admin.vm(100).snapshot("before").rollback.post())
    assert admin.config(100)["cores"] == 1
    admin.done(admin.vm(100).snapshot("before").delete())
    assert [row["name"] for row in admin.vm(100).snapshot.get()] == ["current"]


def test_a_snapshot_locks_the_vm_while_it_is_taken(proxmox, admin):
    admin.create(100)
    with proxmox.held_task("qmsnapshot"):
        upid = admin.vm(100).snapshot.post(snapname="before")
        while "lock" not in admin.config(100):
            pass
        with refused(500, "VM is locked (snapshot)"):
            admin.vm(100).config.put(cores=2)
    admin.done(upid)
    admin.vm(100).config.put(cores=2)


def test_a_snapshot_that_fails_leaves_no_lock(proxmox, admin):
    admin.create(100)
    proxmox.fail_task("qmsnapshot", ["qmp command 'savevm-start' failed"])
    assert "savevm-start" in admin.ended(admin.vm(100).snapshot.post(snapname="before"))
    assert "lock" not in admin.config(100)


def test_a_name_is_taken_once_and_a_raw_file_has_no_snapshots(admin):
    admin.create(100)
    admin.done(admin.vm(100).snapshot.post(snapname="before"))
    assert "already used" in admin.ended(admin.vm(100).snapshot.post(snapname="before"))
    admin.create(101, scsi0="local:8")
    assert admin.ended(admin.vm(101).snapshot.post(snapname="before")) == "snapshot feature is not available"
    admin.create(102, scsi0="local:8,format=qcow2")
    admin.done(admin.vm(102).snapshot.post(snapname="before"))


def test_a_snapshot_that_never_was_is_refused(admin):
    admin.create(100)
    with refused(500, "snapshot 'none' does not exist"):
        admin.vm(100).snapshot("none").rollback.post()
