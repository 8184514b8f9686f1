"""How a VM's configuration values are stored and shown: normalised and typed as Proxmox does."""

import random
import re
import uuid
from typing import Any
from urllib.parse import unquote

from tests.proxmox_simulator.parameters import schema_of
from tests.proxmox_simulator.property_strings import Keys, parse
from tests.proxmox_simulator.refusal import failure
from tests.proxmox_simulator.rules import Rules, Schema
from tests.proxmox_simulator.vms import VirtualMachine

_KEY_TYPES = (
    r"(ssh-rsa|ssh-ed25519|ssh-dss|ecdsa-sha2-nistp\d+|sk-(ssh-ed25519|ecdsa-sha2-nistp256)@openssh\.com)"
)


def schema(key: str) -> Schema | None:
    """The rule of a configuration key."""
    found = Rules(9).find("PUT", "/nodes/n/qemu/100/config")
    assert found is not None
    return schema_of(key, found[0].params)


def keys_of(key: str) -> Keys:
    """The rules of the parts of a property string such as `net0` or `scsi0`."""
    rule = schema(key)
    assert rule is not None
    return rule["format"]


def normalised(key: str, value: str) -> str:
    """A value as it goes into the configuration file."""
    if key == "tags":
        return normalised_tags(value)
    if key == "description":
        return value.rstrip()
    if re.fullmatch(r"net\d+", key):
        return print_net(parse(value, keys_of(key)))
    if key == "sshkeys":
        check_ssh_keys(value)
    if key == "cipassword" and not value.startswith("$5$"):
        return f"$5$simulated${abs(hash(value)):x}"  # stored as a hash; whoever reads sees neither
    return value


def normalised_tags(text: str) -> str:
    """Lower case, each once, sorted, separated by semicolons (the datacenter's default tag style)."""
    return ";".join(sorted({tag.lower() for tag in re.split(r"[,; ]+", text) if tag}))


def print_net(values: dict[str, str]) -> str:
    """`virtio=MAC` first; a missing address is made up, with Proxmox's prefix."""
    rest = {key: value for key, value in values.items() if key not in ("model", "macaddr")}
    address = values.get("macaddr", random_mac()).upper()
    return ",".join([f"{values['model']}={address}", *(f"{key}={rest[key]}" for key in sorted(rest))])


def random_mac() -> str:
    """An address with the prefix of Proxmox Server Solutions."""
    return "BC:24:11:" + ":".join(f"{random.randrange(256):02X}" for _ in range(3))


def with_new_mac(value: str) -> str:
    """A clone's network device: the same, with an address of its own."""
    values = parse(value, keys_of("net0"))
    values.pop("macaddr", None)
    return print_net(values)


def check_ssh_keys(encoded: str) -> None:
    """Raises where the decoded value holds a line that isn't a public key."""
    for line in unquote(encoded).splitlines():
        if line.strip() and not re.search(rf"(^|\s){_KEY_TYPES} [A-Za-z0-9+/]+=*", line):
            raise failure("SSH public key validation error")


def identity() -> dict[str, str]:
    """What every new VM gets of its own."""
    return {"smbios1": f"uuid={uuid.uuid4()}", "vmgenid": str(uuid.uuid4())}


def shown(key: str, value: str) -> Any:
    """A value as GET config answers: numbers as numbers, a password as asterisks."""
    if key == "cipassword":
        return "**********"
    kind = (schema(key) or {}).get("type")
    if kind in ("integer", "boolean"):
        return int(value)
    return float(value) if kind == "number" else value


def shown_config(vm: VirtualMachine, *, current: bool) -> dict[str, Any]:
    """The whole configuration; with pending changes merged in, unless only current values are asked for."""
    merged: dict[str, str] = {key: str(value) for key, value in vm.config.items()}
    if not current:
        for key, value in vm.pending.items():
            merged.pop(key, None)
            if value is not None:
                merged[key] = value
    answer = {key: shown(key, value) for key, value in merged.items()}
    return answer | {"digest": vm.digest}
