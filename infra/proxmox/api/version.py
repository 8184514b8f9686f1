"""Which Proxmox VE answers."""

from __future__ import annotations

import re

from infra.proxmox.api.calls import Reads

#: major and minor: (8, 4), (9, 0)
Version = tuple[int, ...]


def read_version(api: Reads) -> tuple[int, int]:
    """The version of Proxmox VE, whatever follows it, as in ``9.0.0~beta1`` or ``8.4-1``."""
    found = re.match(r"(\d+)\.(\d+)", str(api.get("/version")["version"]))
    return (int(found[1]), int(found[2])) if found else (0, 0)
