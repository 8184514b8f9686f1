"""Sizes of disks as Proxmox writes them."""

import re
import struct
from pathlib import Path

_UNITS = {"": 1, "K": 2**10, "M": 2**20, "G": 2**30, "T": 2**40}


def parse_size(text: str) -> int:
    """`32G` in bytes."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([KMGT]?)", text)
    if match is None:
        raise ValueError(f"{text} is not a size such as 32G")
    return int(float(match[1]) * _UNITS[match[2]])


def format_size(size_bytes: int) -> str:
    """Bytes in the largest unit that divides them."""
    unit = next(unit for unit in ("T", "G", "M", "K", "") if size_bytes % _UNITS[unit] == 0)
    return f"{size_bytes // _UNITS[unit]}{unit}"


def virtual_size(image: Path) -> int:
    """How large the disk in an image file is: qcow2 says it in its header, a raw image is its own size."""
    with image.open("rb") as file:
        header = file.read(32)
    if header[:4] == b"QFI\xfb" and len(header) == 32:
        return struct.unpack(">Q", header[24:32])[0]
    return image.stat().st_size
