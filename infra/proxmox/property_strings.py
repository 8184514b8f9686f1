"""Property strings (``virtio=AA:BB:..,bridge=vmbr0,tag=20``), sizes, tags and keys, as values and back."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from urllib.parse import quote, unquote

_UNITS: Mapping[str, int] = {"": 1, "K": 2**10, "M": 2**20, "G": 2**30, "T": 2**40}
_SIZE = re.compile(r"(\d+(?:\.\d+)?)([KMGT]?)")
_TRUE = frozenset({"1", "on", "yes", "true"})


def parse(text: str, default_key: str) -> dict[str, str]:
    """The properties of ``text``, in its order; a part without a name is that of ``default_key``.

    >>> parse("local-lvm:vm-201-disk-0,size=32G", "file")
    {'file': 'local-lvm:vm-201-disk-0', 'size': '32G'}
    """
    properties: dict[str, str] = {}
    for part in filter(None, text.split(",")):
        key, equals, value = part.partition("=")
        properties.update({key.strip(): value.strip()} if equals else {default_key: key.strip()})
    return properties


def render(properties: Mapping[str, str]) -> str:
    """The property string of ``properties``, in their order.

    >>> render({"order": "1", "up": "15"})
    'order=1,up=15'
    """
    return ",".join(f"{key}={value}" for key, value in properties.items())


def truth(text: str | None) -> bool:
    """Whether Proxmox takes ``text`` for true; absent is false."""
    return (text or "").lower() in _TRUE


def size_bytes(text: str) -> int:
    """A size as Proxmox writes it, in bytes.

    >>> size_bytes("32G") == 32 * 2**30
    True
    """
    if not (match := _SIZE.fullmatch(text)):
        raise ValueError(f"{text!r} is no size of Proxmox")
    return int(float(match[1]) * _UNITS[match[2]])


def size_text(size: int) -> str:
    """A number of bytes as people write it, and Proxmox reads it when the spaces and 'iB' are left out.

    >>> size_text(32 * 2**30), size_text(1536 * 2**20)
    ('32 GiB', '1536 MiB')
    """
    for name, unit in (("GiB", 2**30), ("MiB", 2**20), ("KiB", 2**10)):
        if size and size % unit == 0:
            return f"{size // unit} {name}"
    # a size of the host's, which is no round number
    return f"{size / 2**30:.1f} GiB"


def disk_size(size: int) -> str:
    """A number of bytes as the parameter of a disk's size.

    >>> disk_size(32 * 2**30), disk_size(1536 * 2**20)
    ('32G', '1536M')
    """
    return f"{size // 2**30}G" if size % 2**30 == 0 else f"{size // 2**20}M"


def tag_set(text: str | None) -> frozenset[str]:
    """The tags in ``text``, whichever way they are separated."""
    return frozenset(filter(None, re.split(r"[;,\s]+", text or "")))


def tag_text(tags: Iterable[str]) -> str:
    """The tags as Proxmox stores them."""
    return ";".join(sorted(tags))


def encoded_keys(keys: Iterable[str]) -> str:
    """Public SSH keys as the parameter ``sshkeys``, which is URL-encoded inside of the encoded form."""
    return quote("\n".join(keys), safe="")


def decoded_keys(text: str | None) -> tuple[str, ...]:
    """The public SSH keys in a configuration."""
    return tuple(line.strip() for line in unquote(text or "").splitlines() if line.strip())
