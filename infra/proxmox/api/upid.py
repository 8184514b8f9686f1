"""A task's name in Proxmox, which says where, what, on what and by whom."""

from __future__ import annotations

import re
from dataclasses import dataclass

_UPID = re.compile(
    r"^UPID:(?P<node>[^:]+):(?P<process>[0-9A-F]{8}):(?P<begun>[0-9A-F]{8,9}):(?P<started>[0-9A-F]{8}):"
    r"(?P<kind>[^:]+):(?P<id>[^:]*):(?P<user>[^:]+):$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Upid:
    """The parts of ``UPID:node:process:begun:started:kind:id:user:``."""

    text: str
    node: str
    #: seconds since 1970, by the host's clock
    started: int
    #: such as qmclone, qmstart, download
    kind: str
    #: what it works on, mostly a VMID; a template's VMID for a clone
    id: str
    #: with the token's name, such as homeostat@pve!platform
    user: str

    @classmethod
    def parse(cls, text: object) -> Upid | None:
        """The parts of ``text``, or None when it is no UPID.

        >>> Upid.parse("UPID:pve1:0000A1B2:0012D687:65F0C1A2:qmstart:201:homeostat@pve!platform:").kind
        'qmstart'
        """
        found = _UPID.match(text) if isinstance(text, str) else None
        if found is None:
            return None
        return cls(
            found[0],
            found["node"],
            int(found["started"], 16),
            found["kind"],
            _decoded(found["id"]),
            found["user"],
        )


def _decoded(text: str) -> str:
    r"""Proxmox writes what may not stand in a UPID as ``\xNN``."""
    return re.sub(r"\\x([0-9a-f]{2})", lambda code: chr(int(code[1], 16)), text)
