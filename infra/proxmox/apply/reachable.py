"""Waiting until a machine answers: by SSH, since cloud images often lack the guest agent."""

from __future__ import annotations

import socket
from collections.abc import Callable

from infra.proxmox.api.clock import Clock
from infra.proxmox.apply.work import Reachable
from infra.proxmox.errors import TookTooLong

_ANSWER_SECONDS = 3.0
_PAUSE_SECONDS = 1.0


def ssh_answers(address: str, port: int = 22) -> bool:
    """Whether an SSH server greets there: a port that is open may still be one that nobody serves yet."""
    try:
        with socket.create_connection((address, port), timeout=_ANSWER_SECONDS) as connection:
            return connection.recv(4) == b"SSH-"
    except OSError:
        return False


def assume_it_answers(address: str, port: int = 22) -> bool:  # noqa: ARG001 - nobody is asked
    """For those who don't want to wait."""
    return True


def wait_until_reachable(
    reachable: Reachable, address: str, clock: Clock, seconds: float, check: Callable[[], None]
) -> None:
    """Ask ``reachable`` until it says yes; ``check`` may raise in between.

    Raises:
        TookTooLong: it does not answer within ``seconds``.
    """
    ends = clock.now() + seconds
    while not reachable(address):
        if clock.now() >= ends:
            raise TookTooLong(
                f"it runs, but no SSH answers at {address} within {seconds:.0f} s: look at its console in "
                "Proxmox, and check the address, the gateway, the bridge and the VLAN in cluster.yaml."
            )
        check()
        clock.wait(_PAUSE_SECONDS)
