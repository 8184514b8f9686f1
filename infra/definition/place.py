"""Where this machine keeps what belongs to the cluster of ``cluster.yaml``, for all that work on it."""

from __future__ import annotations

from pathlib import Path


def lock(state: Path) -> Path:
    """The file whose lock is held by whoever changes the machines, or the hosts in them."""
    return state / "homelab" / "lock"


def known_hosts(state: Path) -> Path:
    """The SSH host keys of the machines, as they were when they were first entered."""
    return state / "homelab" / "known_hosts"


def kubeconfig(state: Path) -> Path:
    """The administrator's way to the Kubernetes API."""
    return state / "homelab" / "kubeconfig"
