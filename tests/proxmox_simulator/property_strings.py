"""Property strings ("virtio,bridge=vmbr0"): read by the rules of their keys, printed as Proxmox does."""

import re
from collections.abc import Mapping
from typing import Any

Keys = Mapping[str, Mapping[str, Any]]

#: formats that the API description names only; their keys are from memory of the documentation (qm.conf)
_STRING = {"type": "string", "optional": 1}
_FLAG = {"type": "boolean", "optional": 1}
_IP_4 = {**_STRING, "format": "pve-ipv4-config"}
_IP_6 = {**_STRING, "format": "pve-ipv6-config"}
NAMED: dict[str, Keys] = {
    "pve-qm-ipconfig": {
        "ip": _IP_4,
        "gw": {**_STRING, "format": "ipv4", "requires": "ip"},
        "ip6": _IP_6,
        "gw6": {**_STRING, "format": "ipv6", "requires": "ip6"},
    },
    "pve-qm-hostpci": {
        "host": {**_STRING, "default_key": 1, "pattern": r"[0-9a-fA-F:.;]+"},
        "mapping": {**_STRING, "format": "pve-configid"},
        "pcie": _FLAG, "rombar": _FLAG, "romfile": _STRING, "x-vga": _FLAG, "legacy-igd": _FLAG,
        "mdev": _STRING, "vendor-id": _STRING, "device-id": _STRING,
        "sub-vendor-id": _STRING, "sub-device-id": _STRING,
        "driver": {**_STRING, "enum": ["vfio", "keep"]},
    },
    "pve-vm-cpu-conf": {
        "cputype": {**_STRING, "default_key": 1, "pattern": r"[A-Za-z0-9_.\-]+"},
        "flags": {**_STRING, "pattern": r"[+-][a-zA-Z0-9\-_.]+(;[+-][a-zA-Z0-9\-_.]+)*"},
        "hidden": _FLAG, "hv-vendor-id": _STRING, "reported-model": _STRING,
        "phys-bits": _STRING, "guest-phys-bits": _STRING,
    },
    "pve-qm-boot": {
        "order": {**_STRING, "pattern": r"((ide|sata|scsi|virtio|net|hostpci|usb)\d+;?)*"},
        "legacy": {**_STRING, "default_key": 1, "pattern": r"[acdn]{1,4}"},
    },
    "pve-startup-order": {
        "order": {"type": "integer", "optional": 1, "default_key": 1, "minimum": 0},
        "up": {"type": "integer", "optional": 1, "minimum": 0},
        "down": {"type": "integer", "optional": 1, "minimum": 0},
    },
    "pve-qm-cicustom": {
        key: {**_STRING, "format": "pve-volume-id"} for key in ("meta", "network", "user", "vendor")
    },
    "pve-qm-rng": {
        "source": {"type": "string", "default_key": 1, "enum": ["/dev/urandom", "/dev/random", "/dev/hwrng"]},
        "max_bytes": {"type": "integer", "optional": 1}, "period": {"type": "integer", "optional": 1},
    },
    "pve-qm-watchdog": {
        "model": {**_STRING, "default_key": 1, "enum": ["i6300esb", "ib700"]},
        "action": {**_STRING, "enum": ["reset", "shutdown", "poweroff", "pause", "debug", "none"]},
    },
}  # fmt: skip


class MalformedPropertyString(Exception):  # noqa: N818  # says what is wrong with it
    """A property string whose parts can't be read."""


def parse(text: str, keys: Keys) -> dict[str, str]:
    """The values by key; aliases resolved (`virtio=MAC` is model and macaddr). Values are not yet checked."""
    values: dict[str, str] = {}
    for part in text.split(","):
        if part.strip():
            _read_part(part, keys, values)
    return values


def _read_part(part: str, keys: Keys, values: dict[str, str]) -> None:
    key, equals, value = part.partition("=")
    if not equals:
        default = next((name for name, rule in keys.items() if rule.get("default_key")), None)
        if default is None:
            raise MalformedPropertyString("value without key, but schema does not define a default key")
        key, value = default, part
    elif not key or not value:
        raise MalformedPropertyString("missing key in comma-separated list property")
    key = _resolved(key, keys, values)
    if key in values:
        raise MalformedPropertyString(f"duplicate key in comma-separated list property: {key}")
    values[key] = _as_boolean(value) if keys[key].get("type") == "boolean" else value


def _resolved(key: str, keys: Keys, values: dict[str, str]) -> str:
    rule = keys.get(key, {})
    if "alias" in rule:
        if "keyAlias" in rule:
            values[rule["keyAlias"]] = key
        key = rule["alias"]
    if key not in keys:
        raise MalformedPropertyString(f"invalid key in comma-separated list property: {key}")
    return key


def _as_boolean(value: str) -> str:
    if re.fullmatch("(?i:1|on|yes|true)", value):
        return "1"
    return "0" if re.fullmatch("(?i:0|off|no|false)", value) else value


def print_values(first: str, values: Mapping[str, str]) -> str:
    """`first` and the other values in the order of their keys, as Proxmox prints them."""
    return ",".join([first, *(f"{key}={values[key]}" for key in sorted(values))])
