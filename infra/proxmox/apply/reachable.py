"""Waiting until a machine answers: by SSH, since cloud images often lack the guest agent.

A server of the control plane has to do more before the next one may be restarted: its API must answer, which
it does only as a part of etcd's quorum.
"""

from __future__ import annotations

import http.client
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass

from infra.proxmox.api.clock import Clock
from infra.proxmox.errors import TookTooLong

_ANSWER_SECONDS = 3.0
_PAUSE_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Waiting:
    """How long, and what may end it before."""

    seconds: float
    #: raises when somebody asked to stop
    check: Callable[[], None]


def ssh_answers(address: str, port: int = 22) -> bool:
    """Whether an SSH server greets there: a port that is open may still be one that nobody serves yet."""
    try:
        with socket.create_connection((address, port), timeout=_ANSWER_SECONDS) as connection:
            return connection.recv(4) == b"SSH-"
    except OSError:
        return False


def kubernetes_answers(address: str, port: int = 6443) -> bool:
    """Whether a Kubernetes API serves there: a stranger gets a 401 when it works, and a 503 until then."""
    # nothing is sent that a stranger may not know, and what answers is not believed
    unverified = ssl.create_default_context()
    unverified.check_hostname = False
    unverified.verify_mode = ssl.CERT_NONE
    connection = http.client.HTTPSConnection(address, port, timeout=_ANSWER_SECONDS, context=unverified)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status in {200, 401, 403}
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def assume_it_answers(address: str, port: int = 22) -> bool:  # noqa: ARG001 - nobody is asked
    """For those who don't want to wait."""
    return True


def wait_until(answers: Callable[[], bool], otherwise: str, clock: Clock, wait: Waiting) -> None:
    """Ask until ``answers`` says yes.

    Raises:
        TookTooLong: with ``otherwise``, when it does not within the time of ``wait``.
    """
    ends = clock.now() + wait.seconds
    while not answers():
        if clock.now() >= ends:
            raise TookTooLong(f"{otherwise.rstrip('.')} within {wait.seconds:.0f} s.")
        wait.check()
        clock.wait(_PAUSE_SECONDS)
