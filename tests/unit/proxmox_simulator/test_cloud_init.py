from tests.unit.proxmox_simulator.talking import refused

KEY = "ssh-ed25519%20AAAAC3Nz%20me"


def test_the_dump_says_what_cloud_init_will_read(admin):
    admin.create(
        100,
        name="server-1",
        ide2="local-lvm:cloudinit",
        ciuser="homeostat",
        sshkeys=KEY,
        net0="virtio=02:00:00:00:00:0A,bridge=vmbr0",
        ipconfig0="ip=10.0.0.5/24,gw=10.0.0.1",
        nameserver="10.0.0.1 1.1.1.1",
    )
    user = admin.vm(100).cloudinit.dump.get(type="user")
    network = admin.vm(100).cloudinit.dump.get(type="network")
    assert "hostname: server-1" in user
    assert "user: homeostat" in user
    assert "  - ssh-ed25519 AAAAC3Nz me" in user
    assert "mac_address: '02:00:00:00:00:0a'" in network
    assert "address: '10.0.0.5/24'" in network
    assert "gateway: '10.0.0.1'" in network
    assert "- '1.1.1.1'" in network


def test_a_second_cloud_init_drive_is_refused(admin):
    admin.create(100, ide2="local-lvm:cloudinit")
    with refused(500, "volume 'local-lvm:vm-100-cloudinit' already exists"):
        admin.vm(100).config.put(scsi1="local-lvm:cloudinit")


def test_a_vm_without_such_a_drive_has_nothing_to_write_anew(admin):
    admin.create(100)
    with refused(500, "no cloudinit drive found"):
        admin.vm(100).cloudinit.put()


def test_the_guest_agent_answers_only_where_it_is(proxmox, admin):
    admin.create(100)
    with refused(500, "No QEMU guest agent configured"):
        admin.vm(100).agent.ping.post()
    admin.vm(100).config.put(agent="enabled=1")
    with refused(500, "VM 100 is not running"):
        admin.vm(100).agent.ping.post()
    admin.done(admin.vm(100).status.start.post())
    with refused(500, "QEMU guest agent is not running"):
        admin.vm(100).agent("network-get-interfaces").get()
    proxmox.vms[100].agent_interfaces = [{"name": "eth0"}]
    assert admin.vm(100).agent("network-get-interfaces").get() == {"result": [{"name": "eth0"}]}


def test_a_running_vm_has_its_old_drive_until_it_starts_again(admin):
    admin.create(100, ciuser="a", searchdomain="lan", ipconfig0="ip=10.0.0.5/24")
    admin.done(admin.vm(100).status.start.post())
    admin.vm(100).config.put(ciuser="b", ciupgrade=0, ipconfig0="ip=10.0.0.6/24", delete="searchdomain")
    assert admin.vm(100).cloudinit.get() == [
        {"key": "ciupgrade", "pending": 0},
        {"key": "ciuser", "value": "a", "pending": "b"},
        # the old value is not told, and of the changed address nothing is
        {"key": "searchdomain", "delete": 1},
    ]
    assert not [row for row in admin.vm(100).pending.get() if "pending" in row or "delete" in row]
    admin.done(admin.vm(100).status.reboot.post())
    assert admin.vm(100).cloudinit.get() == [{"key": "ciuser", "value": "b"}]
