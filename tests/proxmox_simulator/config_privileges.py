"""Which privilege each configuration key needs (check_vm_modify_config_perm, from memory)."""

import re

from tests.proxmox_simulator.cluster import Call
from tests.proxmox_simulator.config_values import keys_of
from tests.proxmox_simulator.property_strings import NAMED, parse
from tests.proxmox_simulator.refusal import failure, not_permitted
from tests.proxmox_simulator.vms import is_cdrom, is_cloudinit, is_drive
from tests.proxmox_simulator.words import words

_PRIVILEGE: dict[str, str] = {
    **dict.fromkeys(words("cores cpu cpulimit cpuunits numa smp sockets vcpus"), "VM.Config.CPU"),
    **dict.fromkeys(["memory", "balloon", "shares", "hugepages", "allow-ksm"], "VM.Config.Memory"),
    **dict.fromkeys(
        words("acpi hotplug kvm machine scsihw smbios1 tablet vga watchdog audio0 rng0 vmgenid arch"),
        "VM.Config.HWType",
    ),
    **dict.fromkeys(
        words(
            """agent autostart bios description keyboard localtime migrate_downtime migrate_speed name onboot
        ostype protection reboot startdate startup tags tdf template spice_enhancements"""
        ),
        "VM.Config.Options",
    ),
    **dict.fromkeys(["boot", "bootdisk", "vmstatestorage"], "VM.Config.Disk"),
    "freeze": "VM.PowerMgmt",
}
_CLOUD_INIT = frozenset(words("cicustom cipassword citype ciuser ciupgrade nameserver searchdomain sshkeys"))


def check(
    call: Call, vmid: int, values: dict[str, str], *, pool: str | None = None, creating: bool = False
) -> None:
    """Raises a 403 for the first value that the caller may not set; `creating` asks none for drives."""
    for key, value in values.items():
        if is_drive(key):
            if not creating:
                _check_drive(call, vmid, value)
        elif re.fullmatch(r"(hostpci|usb|serial)\d+", key):
            if value:  # the deletion of what isn't there has no value
                _check_device(call, vmid, pool, key, value)
        else:
            # tags are checked by themselves (assert_tag_permissions), which knows of no pool
            _check_option(call, vmid, None if key == "tags" else pool, key)
            if value and re.fullmatch(r"net\d+", key):
                check_bridge(call, value)


def _need(call: Call, vmid: int, pool: str | None, *privileges: str) -> None:
    """Any of the privileges, on the VM or on the pool that it will be in."""
    if pool and call.permissions.has(f"/pool/{pool}", *privileges):
        return
    call.permissions.check_any(f"/vms/{vmid}", *privileges)


def _check_option(call: Call, vmid: int, pool: str | None, key: str) -> None:
    if key in _PRIVILEGE or key.startswith("numa"):
        _need(call, vmid, pool, _PRIVILEGE.get(key, "VM.Config.CPU"))
        if key == "startup":  # it changes how the host behaves
            call.permissions.check("/", "Sys.Modify")
    elif re.fullmatch(r"net\d+", key):
        _need(call, vmid, pool, "VM.Config.Network")
    elif key in _CLOUD_INIT or re.fullmatch(r"ipconfig\d+", key):
        _need(call, vmid, pool, "VM.Config.Cloudinit", "VM.Config.Network")
    elif re.fullmatch(r"unused\d+", key):
        _need(call, vmid, pool, "VM.Config.Disk")
    elif not call.caller.is_root:
        raise failure(f"only root can set '{key}' config")


def _check_drive(call: Call, vmid: int, value: str) -> None:
    if is_cloudinit(value):
        call.permissions.check_any(f"/vms/{vmid}", "VM.Config.Cloudinit", "VM.Config.CDROM")
    elif is_cdrom(value):
        call.permissions.check(f"/vms/{vmid}", "VM.Config.CDROM")
    else:
        call.permissions.check(f"/vms/{vmid}", "VM.Config.Disk")


def _check_device(call: Call, vmid: int, pool: str | None, key: str, value: str) -> None:
    kind = key.rstrip("0123456789")
    if kind == "serial":
        if value != "socket" and not call.caller.is_root:
            raise failure(f"only root can set '{key}' config for real devices")
    else:
        values = parse(value, NAMED["pve-qm-hostpci"] if kind == "hostpci" else keys_of(key))
        if "mapping" in values:
            where = "pci" if kind == "hostpci" else "usb"
            call.permissions.check(f"/mapping/{where}/{values['mapping']}", "Mapping.Use")
        elif not call.caller.is_root and values.get("host", "").lower() != "spice":
            sort = "non-mapped" if kind == "hostpci" else "real"
            raise failure(f"only root can set '{key}' config for {sort} devices")
    _need(call, vmid, pool, "VM.Config.HWType")


def check_bridge(call: Call, value: str) -> None:
    """Raises a 403 without SDN.Use on a network device's bridge, or on its VLAN where one is named."""
    values = parse(value, keys_of("net0"))
    if "bridge" not in values:
        return
    place = f"/sdn/zones/localnetwork/{values['bridge']}"
    if "tag" in values:
        place = f"{place}/{values['tag']}"
    if not call.permissions.has(place, "SDN.Use"):
        raise not_permitted(f"{place}, SDN.Use")
