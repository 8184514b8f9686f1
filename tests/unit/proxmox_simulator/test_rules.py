import json

from tests.proxmox_simulator import api as _registers_handlers  # noqa: F401
from tests.proxmox_simulator.routes import HANDLERS
from tests.proxmox_simulator.rules import RULES_FILE


def test_what_is_served_has_rules_and_what_has_rules_is_served():
    paths = json.loads(RULES_FILE.read_text())["paths"]
    assert {(verb, path) for path, verbs in paths.items() for verb in verbs} == set(HANDLERS)


def test_an_unused_disk_that_is_attached_again_is_not_unused_any_more(admin):
    admin.create(100, scsi0="local-lvm:8")
    admin.vm(100).config.put(delete="scsi0")
    admin.vm(100).config.put(scsi1="local-lvm:vm-100-disk-0,ssd=1")
    config = admin.config(100)
    assert config["scsi1"] == "local-lvm:vm-100-disk-0,size=8G,ssd=1"
    assert "unused0" not in config
