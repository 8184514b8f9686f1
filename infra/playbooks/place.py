"""Where runs on the hosts keep what they need on this machine."""

from __future__ import annotations

from pathlib import Path


def lock(state: Path) -> Path:
    """The file whose lock is held by whoever changes the hosts or their machines."""
    return state / "homelab" / "lock"


def known_hosts(state: Path) -> Path:
    """The SSH host keys of the machines, as they were when they were first entered."""
    return state / "homelab" / "known_hosts"


def logs(state: Path) -> Path:
    """The folder with one log a run."""
    return state / "logs"
