"""Starting, restarting and shutting down a machine.

For a machine that HA manages, Proxmox's task only asks the HA manager, which acts some seconds later: what
counts is whether the machine runs.
"""

from __future__ import annotations

from infra.proxmox.api.patience import Patience
from infra.proxmox.apply.work import TASK_SECONDS, MachineAt
from infra.proxmox.errors import TaskFailed, TookTooLong

#: why an operating system may not have shut down
_UNHEARD = (
    "It did not shut down when it was asked to: it hangs, or the guest agent by which Proxmox asks it is not "
    "installed in it (qemu-guest-agent, which role base installs). Look at its console, shut it down from "
    "inside, and apply again."
)


def start(place: MachineAt) -> None:
    """Start it, unless it runs; HA does so for the machines that it manages."""
    if place.is_running():
        return
    try:
        place.run(
            lambda: place.api.create(f"{place.path}/status/start"),
            frozenset({"qmstart", "hastart"}),
            place.is_running,
        )
    except TaskFailed:
        # an apply that was interrupted, or its host, had begun to start it
        if not place.is_running():
            raise
    _wait_until_running(place)


def restart(place: MachineAt, seconds: int) -> None:
    """Let its operating system shut down within ``seconds``, and start it with all that was set."""

    def has_restarted() -> bool:
        # nothing tells a restarted machine from one that runs on, but that nothing waits for a restart
        return place.is_running() and not place.read().pending

    try:
        place.run(
            lambda: place.api.create(f"{place.path}/status/reboot", timeout=seconds),
            frozenset({"qmreboot"}),
            has_restarted,
            seconds * 2 + 60,
        )
    except TaskFailed as error:
        if "timeout" not in error.reason:
            raise
        raise TaskFailed(f"{error}\n{_UNHEARD}", error.upid, error.reason, error.log) from None


def shut_down(place: MachineAt, seconds: int) -> None:
    """Let its operating system shut down; one that does not within ``seconds`` is stopped."""
    if not place.is_running():
        return
    place.run(
        lambda: place.api.create(f"{place.path}/status/shutdown", timeout=seconds, forceStop=True),
        frozenset({"qmshutdown", "hashutdown", "hastop"}),
        lambda: not place.is_running(),
        seconds * 2 + 60,
    )
    _wait_until_stopped(place, seconds * 2 + 60)


def stop(place: MachineAt) -> None:
    """Pull the plug."""
    if not place.is_running():
        return
    place.run(
        lambda: place.api.create(f"{place.path}/status/stop"),
        frozenset({"qmstop", "hastop"}),
        lambda: not place.is_running(),
    )
    _wait_until_stopped(place, TASK_SECONDS)


def _wait_until_running(place: MachineAt) -> None:
    for _ in _looking(TASK_SECONDS).attempts(place.api.clock):
        if place.is_running():
            return
    raise TookTooLong(
        f"The machine {place.vmid} was asked to start, and does not run after {TASK_SECONDS:.0f} s: see HA's "
        "status and the task list of Proxmox."
    )


def _wait_until_stopped(place: MachineAt, seconds: float) -> None:
    for _ in _looking(seconds).attempts(place.api.clock):
        if not place.is_running():
            return
    raise TookTooLong(
        f"The machine {place.vmid} was asked to stop, and still runs after {seconds:.0f} s: see HA's status "
        "and the task list of Proxmox."
    )


def _looking(seconds: float) -> Patience:
    return Patience(deadline_seconds=seconds, first_seconds=0.05, longest_seconds=2.0)
