"""Whether a machine is there, also where the token has rights on a pool alone.

Proxmox checks rights before it looks whether a machine exists. A machine is in its pool only from the end of
its creation until its removal, so of one that is not (yet, or any more) there, such a token is told that it
lacks VM.Audit on it.
"""

from __future__ import annotations

from typing import Any

from infra.proxmox.api.calls import Reads
from infra.proxmox.errors import BadRequest, NotAllowed, NotThere


def ask_machine(api: Reads, node: str, vmid: int, part: str) -> Any:
    """Read ``part`` (such as ``config``) of a machine on ``node``.

    Raises:
        NotThere: it is not there, as far as the token may see.
        NotAllowed: it is there, and the token may not see this of it.
    """
    try:
        return api.get(f"/nodes/{node}/qemu/{vmid}/{part}")
    except NotAllowed:
        if host_of(api, vmid) is not None:
            raise
    raise NotThere(f"Machine {vmid} is not on {node}, or the token may not see it.")


def host_of(api: Reads, vmid: int) -> str | None:
    """The host that has the machine now; None when there is none that the token may see."""
    rows: list[dict[str, Any]] = api.get("/cluster/resources", type="vm")
    return next((str(row["node"]) for row in rows if int(row["vmid"]) == vmid), None)


def is_taken(api: Reads, vmid: int) -> bool:
    """Whether the number is somebody's: Proxmox tells that to anybody, though not whose."""
    try:
        api.get("/cluster/nextid", vmid=vmid)
    except BadRequest:
        return True
    return False
