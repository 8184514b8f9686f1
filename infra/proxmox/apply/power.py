"""Starting, restarting and shutting down a machine."""

from __future__ import annotations

from infra.proxmox.apply.work import Place
from infra.proxmox.errors import TaskFailed


def start(place: Place) -> None:
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


def restart(place: Place, seconds: int) -> None:
    """Let its operating system shut down within ``seconds``, and start it with all that was set."""

    def has_restarted() -> bool:
        # nothing tells a restarted machine from one that runs on, but that nothing waits for a restart
        return place.is_running() and not place.read().pending

    place.run(
        lambda: place.api.create(f"{place.path}/status/reboot", timeout=seconds),
        frozenset({"qmreboot"}),
        has_restarted,
        seconds * 2 + 60,
    )


def shut_down(place: Place, seconds: int) -> None:
    """Let its operating system shut down; one that does not within ``seconds`` is stopped."""
    if not place.is_running():
        return
    place.run(
        lambda: place.api.create(f"{place.path}/status/shutdown", timeout=seconds, forceStop=True),
        frozenset({"qmshutdown", "hashutdown", "hastop"}),
        lambda: not place.is_running(),
        seconds * 2 + 60,
    )


def stop(place: Place) -> None:
    """Pull the plug."""
    if not place.is_running():
        return
    place.run(
        lambda: place.api.create(f"{place.path}/status/stop"),
        frozenset({"qmstop", "hastop"}),
        lambda: not place.is_running(),
    )
