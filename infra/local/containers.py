"""End the containers of the cluster, as a machine that shuts down does: politely, and then for good."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from infra.linux import proc
from infra.local import cgroups

_POLL_SECONDS = 0.1
_KILL_SECONDS = 10.0


def end_all(grace_seconds: float) -> Sequence[str]:
    """Ask the first process of each container to end, wait ``grace_seconds`` at most, and end all others.

    One that does not listen is not waited for. The kubelet must not run any more: it would start them again.
    """
    members = cgroups.members()
    asked = {pid for pid in members if _can_be_asked(pid)}
    for pid in asked:
        _send(pid, signal.SIGTERM)
    deadline = time.monotonic() + grace_seconds
    while asked & cgroups.members() and time.monotonic() < deadline:
        time.sleep(_POLL_SECONDS)
    late = sorted(proc.command(pid) for pid in asked & cgroups.members())
    told = [f"{len(asked)} containers"] if asked else []
    return [*_kill_all(), *told, *(f"'{command[:60]}' did not end in time" for command in late)]


def _can_be_asked(pid: int) -> bool:
    try:
        status = (proc.PROC / str(pid) / "status").read_text(errors="replace")
    except OSError:
        return False
    return first_in_namespace(status) and catches(status, signal.SIGTERM)


def first_in_namespace(status: str) -> bool:
    r"""Whether ``/proc/<pid>/status`` says that the process is number 1 of a namespace below ours.

    >>> first_in_namespace("Name:\tx\nNSpid:\t4711\t1\n")
    True
    >>> first_in_namespace("Name:\tinit\nNSpid:\t1\n")
    False
    """
    numbers = _field(status, "NSpid")
    return len(numbers) > 1 and numbers[-1] == "1"


def catches(status: str, number: signal.Signals) -> bool:
    r"""Whether ``/proc/<pid>/status`` says that the process has a handler for the signal.

    The first process of a namespace never hears a signal that it has no handler for (pid_namespaces(7)).

    >>> catches("SigCgt:\t0000000000004000\n", signal.SIGTERM)
    True
    >>> catches("SigCgt:\t0000000000000000\n", signal.SIGTERM)
    False
    """
    [mask] = _field(status, "SigCgt") or ["0"]
    return bool(int(mask, 16) & 1 << (number - 1))


def _field(status: str, name: str) -> list[str]:
    for line in status.splitlines():
        if line.startswith(f"{name}:"):
            return line.split()[1:]
    return []


def _kill_all() -> list[str]:
    deadline = time.monotonic() + _KILL_SECONDS
    killed: set[int] = set()
    while (members := cgroups.members()) and time.monotonic() < deadline:
        for pid in members:
            killed.add(pid)
            _send(pid, signal.SIGKILL)
        time.sleep(_POLL_SECONDS)
    return [f"{len(killed)} processes of containers"] if killed else []


def _send(pid: int, number: signal.Signals) -> None:
    """Signal a process that is still in one of the cluster's groups when its descriptor is open."""
    with suppress(ProcessLookupError, PermissionError):
        descriptor = os.pidfd_open(pid)
        try:
            if _is_member(pid):
                signal.pidfd_send_signal(descriptor, number)
        finally:
            os.close(descriptor)


def _is_member(pid: int) -> bool:
    try:
        text = (Path("/proc") / str(pid) / "cgroup").read_text(errors="replace")
    except OSError:
        return False
    return any(f"/{cgroups.ROOT}/" in line for line in text.splitlines())
