"""Telling the supervisor that the service is ready: the datagram of sd_notify(3)."""

from __future__ import annotations

import socket
from collections.abc import Mapping

NOTIFY_VARIABLE = "NOTIFY_SOCKET"


def notify(state: str, environment: Mapping[str, str]) -> None:
    """Send ``state``, such as ``READY=1``, if the environment names a socket; ``@`` marks an abstract one.

    Raises:
        OSError: when the named socket does not take it.
    """
    name = environment.get(NOTIFY_VARIABLE)
    if not name:
        return
    address = "\0" + name[1:] if name.startswith("@") else name
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sender:
        sender.connect(address)
        sender.sendall(state.encode())
