"""Locks that others hold on a machine: waited for, never skipped."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from infra.proxmox.api.calls import Calls
from infra.proxmox.api.patience import LOCKS, Patience
from infra.proxmox.api.presence import ask_machine
from infra.proxmox.api.tasks import running
from infra.proxmox.api.writing import Say
from infra.proxmox.errors import Locked, NotThere


def wait_until_unlocked(
    api: Calls, node: str, vmid: int, say: Say = lambda _: None, patience: Patience = LOCKS
) -> None:
    """Wait until nothing holds the machine ``vmid``; one that is not there is not locked.

    Raises:
        Locked: it is still held when the patience ends; the sentence says by what and since when.
    """
    lock = ""
    for _ in patience.attempts(api.clock):
        lock = _lock(api, node, vmid)
        if not lock:
            return
        say(f"waits for the lock '{lock}' of the machine {vmid}{_holder(api, node, vmid)}")
    raise Locked(
        f"The machine {vmid} is locked for '{lock}'{_holder(api, node, vmid)}, for longer than "
        f"{patience.deadline_seconds:.0f} s: wait for that task, or look at it in Proxmox; when nothing "
        f"works on it any more, 'qm unlock {vmid}' on {node} frees it."
    )


def _lock(api: Calls, node: str, vmid: int) -> str:
    try:
        config: dict[str, Any] = ask_machine(api, node, vmid, "config")
    except NotThere:
        return ""
    return str(config.get("lock", ""))


def _holder(api: Calls, node: str, vmid: int) -> str:
    """Which task works on the machine and since when, as far as we may see it."""
    working = running(api, node, id=str(vmid))
    if not working:
        return ""
    task = working[0]
    since = datetime.fromtimestamp(task.started, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    return f" (task {task.kind} of {task.user} since {since})"
