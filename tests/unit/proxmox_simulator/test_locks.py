from tests.unit.proxmox_simulator.talking import refused


def test_a_vm_that_something_works_on_refuses_changes(proxmox, admin):
    admin.create(100)
    proxmox.lock(100, "backup")
    with refused(500, "VM is locked (backup)"):
        admin.vm(100).config.put(cores=2)
    with refused(500, "VM is locked (backup)"):
        admin.vm(100).delete()
    assert admin.config(100)["lock"] == "backup"
    proxmox.unlock(100)
    admin.vm(100).config.put(cores=2)


def test_starting_a_locked_vm_fails_in_the_task(proxmox, admin):
    admin.create(100)
    proxmox.lock(100, "backup")
    assert admin.ended(admin.vm(100).status.start.post()) == "VM is locked (backup)"


def test_only_root_goes_past_a_lock(proxmox, admin, root):
    admin.create(100)
    proxmox.lock(100, "backup")
    with refused(400, "Only root may use this option."):
        admin.vm(100).config.put(cores=2, skiplock=1)
    root.vm(100).config.put(cores=2, skiplock=1)
    assert admin.config(100)["cores"] == 2


def test_a_clone_is_locked_until_it_is_there(proxmox, admin):
    admin.create_template(9000)
    with proxmox.held_task("qmclone"):
        upid = admin.vm(9000).clone.post(newid=101)
        assert admin.config(101)["lock"] == "clone"
        with refused(500, "VM is locked (clone)"):
            admin.vm(101).config.put(cores=2)
    admin.done(upid)
    assert "lock" not in admin.config(101)


def test_a_template_is_cloned_many_times_at_once_but_not_changed_meanwhile(proxmox, admin):
    admin.create_template(9000)
    proxmox.lock_timeout_seconds = 0.05
    with proxmox.held_task("qmclone"):
        upids = [admin.vm(9000).clone.post(newid=number) for number in (101, 102)]
        with refused(500, "can't lock file '/var/lock/qemu-server/lock-9000.conf' - got timeout"):
            admin.vm(9000).config.put(name="other")
    for upid in upids:
        admin.done(upid)


def test_a_lock_file_that_is_held_makes_a_task_give_up(proxmox, admin):
    admin.create(100)
    proxmox.lock_timeout_seconds = 0.05
    with proxmox.held_lock_file(100):
        assert "got timeout" in admin.ended(admin.vm(100).status.start.post())
    admin.done(admin.vm(100).status.start.post())


def test_a_change_decided_on_an_older_configuration_is_refused(proxmox, admin):
    admin.create(100, cores=1)
    digest = admin.config(100)["digest"]
    proxmox.vms[100].config["cores"] = "8"
    with refused(500, "detected modified configuration - file changed by other user? Try again."):
        admin.vm(100).config.put(cores=2, digest=digest)
    admin.vm(100).config.put(cores=2, digest=admin.config(100)["digest"])
    assert admin.config(100)["cores"] == 2


def test_the_digest_changes_with_pending_changes_too(admin):
    admin.create(100, cores=1)
    admin.done(admin.vm(100).status.start.post())
    before = admin.config(100)["digest"]
    admin.vm(100).config.put(cores=2)
    assert admin.config(100)["digest"] != before
