"""What cloud-init would read from the drive."""

from typing import Any
from urllib.parse import unquote

from tests.proxmox_simulator.cluster import Call
from tests.proxmox_simulator.config_values import shown
from tests.proxmox_simulator.property_strings import NAMED, parse
from tests.proxmox_simulator.refusal import failure
from tests.proxmox_simulator.routes import route
from tests.proxmox_simulator.vms import VirtualMachine, disks, is_cloudinit, is_cloudinit_option


@route("GET", "/nodes/{node}/qemu/{vmid}/cloudinit")
def pending(call: Call) -> list[dict[str, Any]]:
    """What is on the drive, and what a start would write there.

    As the real one: a changed address is in no row, and of what was deleted (or is 0) the value is not told.
    """
    vm = call.vm
    now = {key: value for key, value in vm.config.items() if is_cloudinit_option(key)}
    before = vm.on_drive if vm.is_running else now
    added = sorted(now.keys() - before.keys())
    rows: list[dict[str, Any]] = [{"key": key, "pending": shown(key, now[key])} for key in added]
    for key in sorted(now.keys() & before.keys()):
        if not key.startswith("ipconfig") and now[key] != "0":
            row: dict[str, Any] = {"key": key, "value": shown(key, before[key])}
            rows.append(row if now[key] == before[key] else row | {"pending": shown(key, now[key])})
    changed = (key for key in sorted(before) if now.get(key) != before[key])
    return [*rows, *({"key": key, "delete": 1} for key in changed if now.get(key, "0") == "0")]


@route("PUT", "/nodes/{node}/qemu/{vmid}/cloudinit")
def regenerate(call: Call) -> None:
    if not any(is_cloudinit(call.vm.config[key]) for key in disks(call.vm.config)):
        raise failure("no cloudinit drive found")
    call.vm.write_drive()


@route("GET", "/nodes/{node}/qemu/{vmid}/cloudinit/dump")
def dump(call: Call) -> str:
    vm = call.vm
    return {"user": _user, "network": _network, "meta": _meta}[call.parameters["type"]](vm)


def _user(vm: VirtualMachine) -> str:
    lines = ["#cloud-config", f"hostname: {vm.name}", "manage_etc_hosts: true"]
    if "searchdomain" in vm.config:
        lines.append(f"fqdn: {vm.name}.{vm.config['searchdomain'].split()[0]}")
    if "ciuser" in vm.config:
        lines.append(f"user: {vm.config['ciuser']}")
    if "cipassword" in vm.config:
        lines.append(f"password: {vm.config['cipassword']}")
    keys = [key for key in unquote(vm.config.get("sshkeys", "")).splitlines() if key.strip()]
    if keys:
        lines += ["ssh_authorized_keys:", *(f"  - {key}" for key in keys)]
    lines += ["chpasswd:", "  expire: False", "users:", "  - default"]
    if vm.config.get("ciupgrade", "1") == "1":
        lines.append("package_upgrade: true")
    return "\n".join(lines) + "\n"


def _network(vm: VirtualMachine) -> str:
    lines = ["version: 1", "config:"]
    for key in sorted(k for k in vm.config if k.startswith("net") and k[3:].isdigit()):
        number, mac = key[3:], vm.config[key].split(",")[0].partition("=")[2].lower()
        lines += [
            "    - type: physical",
            f"      name: eth{number}",
            f"      mac_address: '{mac}'",
            "      subnets:",
        ]
        values = parse(vm.config.get(f"ipconfig{number}", ""), NAMED["pve-qm-ipconfig"])
        lines += _subnet(values)
    servers = vm.config.get("nameserver", "").split()
    lines += [
        "    - type: nameserver",
        "      address:",
        *(f"      - '{server}'" for server in servers),
        "      search:",
    ]
    return "\n".join([*lines, *(f"      - '{d}'" for d in vm.config.get("searchdomain", "").split())]) + "\n"


def _subnet(values: dict[str, str]) -> list[str]:
    address = values.get("ip")
    if address in (None, "dhcp"):
        return ["      - type: dhcp4"] if address else []
    lines = ["      - type: static", f"        address: '{address}'"]
    return [*lines, f"        gateway: '{values['gw']}'"] if "gw" in values else lines


def _meta(vm: VirtualMachine) -> str:
    return f"instance-id: {vm.digest}\n"
