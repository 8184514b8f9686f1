import pytest

from tests.proxmox_simulator import Simulator
from tests.unit.proxmox_simulator.talking import Client, refused


@pytest.mark.parametrize(
    ("setting", "sentence"),
    [
        ({"cores": "two"}, "type check ('integer') failed - got 'two'"),
        ({"cores": 0}, "value must have a minimum value of 1"),
        ({"onboot": True}, "type check ('boolean') failed - got 'True'"),
        ({"ostype": "linux"}, "value 'linux' does not have a value in the enumeration"),
        ({"name": "my_vm"}, "invalid format - value does not look like a valid DNS name"),
        ({"colour": "red"}, "property is not defined in schema"),
        ({"net32": "virtio"}, "property is not defined in schema"),
        ({"net0": "bridge=vmbr0"}, "net0.model: property is missing and it is not optional"),
        ({"net0": "virtio,colour=red"}, "invalid key in comma-separated list property: colour"),
        ({"net0": "virtio,e1000"}, "duplicate key in comma-separated list property: model"),
        ({"net0": "virtio,bridge=a,bridge=b"}, "duplicate key in comma-separated list property: bridge"),
        ({"net0": "model=virtio,tag=9999"}, "net0.tag: value must have a maximum value of 4094"),
        ({"scsi0": "local-lvm:8,cache=fast"}, "scsi0.cache: value 'fast' does not have a value"),
        ({"ipconfig0": "ip=10.0.0.5"}, "ipconfig0.ip: invalid format - value does not look like"),
        ({"ipconfig0": "gw=10.0.0.1"}, "ipconfig0.ip: missing property - 'gw' requires this property"),
        ({"agent": "enabled=1,type=usb"}, "agent.type: value 'usb'"),
        ({"hostpci0": "mapping=gpu,colour=red"}, "invalid key in comma-separated list property: colour"),
        ({"tags": "not/a/tag"}, "invalid characters in tag"),
        ({"description": "x" * 8193}, "value may only be 8192 characters long"),
        ({"sshkeys": "ssh-ed25519 AAAA me"}, "invalid format - invalid urlencoded string"),
        ({"startup": "order=first"}, "startup.order: type check ('integer') failed"),
        ({"memory": 8}, "memory.current: value must have a minimum value of 16"),
    ],
)  # fmt: skip
def test_a_wrong_parameter_is_refused_by_its_rule(admin, setting, sentence):
    with pytest.raises(Exception, match="400 Bad Request: Parameter verification failed") as refusal:
        admin.node.qemu.post(vmid=100, **setting)
    (parameter,) = setting
    assert list(refusal.value.errors) == [parameter]
    assert sentence in refusal.value.errors[parameter]


def test_all_mistakes_are_told_at_once(admin):
    with pytest.raises(Exception, match="Parameter verification failed") as refusal:
        admin.node.qemu.post(cores=0, memory="much")
    assert set(refusal.value.errors) == {"vmid", "cores", "memory"}


def test_a_parameter_of_9_is_unknown_to_8():
    for version, known in {"8.4.1": False, "9.0.3": True}.items():
        with Simulator.start(version=version) as proxmox:
            admin = Client.by_token(proxmox, "root@pam!t", proxmox.create_token("root@pam!t"))
            if known:
                admin.create(100, **{"ha-managed": 0})
            else:
                with refused(400, "property is not defined in schema"):
                    admin.node.qemu.post(vmid=100, **{"ha-managed": 0})


def test_a_path_that_is_not_there_is_not_implemented(admin):
    with refused(501, "Method 'GET /nodes/pve1/teapot' not implemented"):
        admin.node.teapot.get()


def test_a_parameter_that_is_in_the_path_too_is_refused(admin):
    with refused(400, "duplicate parameter 'node'"):
        admin.node.qemu.post(vmid=100, node="pve2")


def test_keys_are_encoded_by_the_client_and_read_back_so(admin):
    admin.create(100, sshkeys="ssh-ed25519%20AAAAC3Nz%20me%0A")
    assert admin.config(100)["sshkeys"] == "ssh-ed25519%20AAAAC3Nz%20me%0A"
    with refused(500, "SSH public key validation error"):
        admin.vm(100).config.put(sshkeys="not%20a%20key")


def test_values_come_back_as_proxmox_normalises_them(admin):
    admin.create(
        100, tags="Web,db; web", net0="model=virtio,firewall=on,bridge=vmbr0,macaddr=02:00:00:00:00:0a",
        description="notes \n\n", cipassword="secret", cores="2", memory="2048",
    )  # fmt: skip
    config = admin.config(100)
    assert config["tags"] == "db;web"
    assert config["net0"] == "virtio=02:00:00:00:00:0A,bridge=vmbr0,firewall=1"
    assert (config["description"], config["cipassword"]) == ("notes", "**********")
    assert (config["cores"], config["memory"]) == (2, "2048")


def test_a_network_device_gets_an_address_of_its_own(admin):
    admin.create(100, net0="virtio,bridge=vmbr0")
    admin.create(101, net0="virtio,bridge=vmbr0")
    first, second = admin.config(100)["net0"], admin.config(101)["net0"]
    assert first.startswith("virtio=BC:24:11:")
    assert first != second
