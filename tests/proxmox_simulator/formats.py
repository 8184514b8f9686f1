"""Named formats of single values (PVE::JSONSchema's `register_format`), each with its refusal.

The expressions and sentences are from memory of the real ones. A format that is not listed accepts anything.
"""

import ipaddress
import re
from collections.abc import Callable

_ID = r"[a-z][a-z0-9_-]+"
_DNS_LABEL = r"[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
_TAG = r"[a-z0-9_][a-z0-9_\-+.]*"

_HA_ID = "value does not look like a valid ha resource id"
_NODE = r"[a-zA-Z0-9](?:[a-zA-Z0-9\-]*[a-zA-Z0-9])?"
_CONTENT = "images|rootdir|vztmpl|iso|backup|snippets|none|import"
_HOTPLUG = "(?:network|disk|cpu|memory|usb|cloudinit)"
_POOL = r"[A-Za-z0-9._-]+"

_EXPRESSIONS: dict[str, tuple[str, str]] = {
    "pve-vmid": (r"[1-9][0-9]{2,8}", "value does not look like a valid VM ID"),
    "pve-node": (_NODE, "value does not look like a valid node name"),
    "pve-storage-id": (r"(?i:[a-z][a-z0-9\-_.]*[a-z0-9])", "invalid storage ID '{value}'"),
    "pve-configid": (rf"(?i:{_ID})", "invalid configuration ID '{value}'"),
    "pve-poolid": (rf"{_POOL}(?:/{_POOL}){{0,2}}", "value '{value}' contains invalid characters"),
    "dns-name": (rf"{_DNS_LABEL}(?:\.{_DNS_LABEL})*", "value does not look like a valid DNS name"),
    "pve-tag": (f"(?i:{_TAG})", "invalid characters in tag"),
    "mac-addr": (r"(?i:[0-9a-f][02468ace](?::[0-9a-f]{2}){5})", "value does not look like a valid MAC"),
    "pve-bridge-id": (r"[-_.\w\d]+", "invalid bridge ID '{value}'"),
    "disk-size": (r"\d+(?:\.\d+)?[KMGT]?", "value does not look like a valid disk size: {value}"),
    "pve-ha-resource-or-vm-id": (r"(?:(?:vm|ct):)?[1-9][0-9]{2,8}", _HA_ID),
    "pve-ha-resource-id": (r"(?:vm|ct):[1-9][0-9]{2,8}", _HA_ID),
    "pve-ha-node": (rf"{_NODE}(?::\d+)?", "value does not look like a valid ha node"),
    "pve-volume-id": (r"[a-zA-Z][a-zA-Z0-9\-_.]*[a-zA-Z0-9]:.+", "unable to parse volume ID '{value}'"),
    "pve-hotplug-features": (
        rf"[01]|{_HOTPLUG}(?:,{_HOTPLUG})*",
        "unable to parse hotplug option '{value}'",
    ),
    "pve-storage-content": (_CONTENT, "invalid type '{value}'"),
}  # fmt: skip


def check_format(name: str, value: str) -> str | None:
    """Why `value` is not of the format `name`; None when it is."""
    if name.endswith("-list") and name not in _CHECKS:
        single = name.removesuffix("-list")
        found = (check_format(single, item) for item in re.split(r"[,; \0]+", value) if item)
        return next((mistake for mistake in found if mistake), None)
    if name in _EXPRESSIONS:
        expression, sentence = _EXPRESSIONS[name]
        return None if re.fullmatch(expression, value) else sentence.format(value=value)
    return _CHECKS.get(name, _anything)(value)


def _anything(value: str) -> str | None:  # the signature of a check
    return None


def _urlencoded(value: str) -> str | None:
    """The client encodes the value itself, besides the encoding of the form that carries it."""
    fine = re.fullmatch(r"(?:[-%a-zA-Z0-9_.!~*'()])*", value) and not re.search(r"%(?![0-9a-fA-F]{2})", value)
    return None if fine else f"invalid urlencoded string: {value}"


def _ip(parse: Callable[[str], object], sentence: str) -> Callable[[str], str | None]:
    def check(value: str) -> str | None:
        try:
            parse(value)
        except ValueError:
            return sentence.format(value=value)
        return None

    return check


def _with_prefix(parse: Callable[[str], object]) -> Callable[[str], object]:
    def checked(value: str) -> object:
        if "/" not in value:
            raise ValueError(value)
        return parse(value)

    return checked


def _cidr_config(keywords: tuple[str, ...], cidr: Callable[[str], str | None]) -> Callable[[str], str | None]:
    return lambda value: None if value in keywords else cidr(value)


_CIDR_4 = _ip(_with_prefix(ipaddress.IPv4Interface), "value does not look like a valid IPv4 network")
_CIDR_6 = _ip(_with_prefix(ipaddress.IPv6Interface), "value does not look like a valid IPv6 network")

_CHECKS: dict[str, Callable[[str], str | None]] = {
    "urlencoded": _urlencoded,
    "ipv4": _ip(ipaddress.IPv4Address, "value does not look like a valid IPv4 address"),
    "ipv6": _ip(ipaddress.IPv6Address, "value does not look like a valid IPv6 address"),
    "address": _ip(ipaddress.ip_address, "value does not look like a valid IP address"),
    "CIDRv4": _CIDR_4,
    "CIDRv6": _CIDR_6,
    "pve-ipv4-config": _cidr_config(("dhcp",), _CIDR_4),
    "pve-ipv6-config": _cidr_config(("dhcp", "auto"), _CIDR_6),
}
