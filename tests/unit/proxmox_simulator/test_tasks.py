import re

from tests.unit.proxmox_simulator.talking import refused


def test_a_task_has_a_upid_a_log_and_an_end(admin):
    upid = admin.node.qemu.post(vmid=100, scsi0="local-lvm:8")
    assert re.fullmatch(
        r"UPID:pve1:[0-9A-F]{8}:[0-9A-F]{8}:[0-9A-F]{8}:qmcreate:100:root@pam!automation:", upid
    )
    admin.done(upid)
    status = admin.node.tasks(upid).status.get()
    assert (status["status"], status["type"], status["id"], status["user"]) == (
        "stopped",
        "qmcreate",
        "100",
        "root@pam",
    )
    assert status["tokenid"] == "automation"
    log = admin.node.tasks(upid).log.get()
    assert log[0] == {"n": 1, "t": "scsi0: successfully created disk 'local-lvm:vm-100-disk-0,size=8G'"}
    assert log[-1]["t"] == "TASK OK"


def test_a_log_is_read_in_pages(proxmox, admin):
    proxmox.fail_task("qmcreate", [f"line {n}" for n in range(120)])
    upid = admin.node.qemu.post(vmid=100)
    admin.ended(upid)
    assert len(admin.node.tasks(upid).log.get()) == 50
    assert [line["n"] for line in admin.node.tasks(upid).log.get(start=50, limit=2)] == [51, 52]
    assert len(admin.node.tasks(upid).log.get(limit=0)) == 120  # 119 lines and the end, which says the last


def test_a_task_that_is_told_to_fail_says_so_in_its_end_and_leaves_no_vm(proxmox, admin):
    proxmox.fail_task("qmcreate", ["formatting", "disk caught fire"])
    upid = admin.node.qemu.post(vmid=100)
    assert admin.ended(upid) == "unable to create VM 100 - disk caught fire"
    log = [line["t"] for line in admin.node.tasks(upid).log.get()]
    assert log == ["formatting", "TASK ERROR: unable to create VM 100 - disk caught fire"]
    assert 100 not in proxmox.vms
    admin.create(100)


def test_a_slow_task_runs_meanwhile_and_is_listed_as_active(proxmox, admin):
    with proxmox.held_task("qmcreate"):
        upid = admin.node.qemu.post(vmid=100)
        assert admin.node.tasks(upid).status.get()["status"] == "running"
        assert [row["upid"] for row in admin.node.tasks.get(source="active")] == [upid]
        assert admin.config(100)["lock"] == "create"
    admin.done(upid)
    assert admin.node.tasks.get(source="active") == []


def test_a_slow_task_tells_its_progress(proxmox, admin):
    proxmox.slow_task("qmcreate", 0.1)
    upid = admin.node.qemu.post(vmid=100)
    admin.done(upid)
    assert "progress 50%" in [line["t"] for line in admin.node.tasks(upid).log.get()]


def test_a_task_that_is_stopped_ends_and_says_so(proxmox, admin):
    with proxmox.held_task("qmcreate"):
        upid = admin.node.qemu.post(vmid=100)
        admin.node.tasks(upid).delete()
        assert "interrupted by signal" in admin.ended(upid)


def test_tasks_are_found_by_vm_kind_and_failure(proxmox, admin):
    admin.create(100)
    proxmox.fail_task("qmcreate", ["no"])
    failed = admin.node.qemu.post(vmid=101)
    admin.ended(failed)
    assert [row["id"] for row in admin.node.tasks.get(vmid=100)] == ["100"]
    assert [row["upid"] for row in admin.node.tasks.get(errors=1, typefilter="qmcreate")] == [failed]


def test_a_task_that_never_was_is_refused(admin):
    with refused(400, "no such task"):
        admin.node.tasks("UPID:pve1:00000001:00000001:00000001:qmstart:100:root@pam:").status.get()
    with refused(400, "unable to parse worker upid"):
        admin.node.tasks("nonsense").status.get()


def test_the_simulator_ends_while_a_task_hangs(proxmox, admin):
    proxmox.slow_task("qmcreate", 3600)
    admin.node.qemu.post(vmid=100)
