"""The listening socket of a service whose processes replace one another: it outlives each of them."""

from __future__ import annotations

import socket

from homeostat.errors import MachineError
from infra.process.state.ports import LOOPBACK

#: connections that wait while no process accepts
BACKLOG = 1024


def listen(port: int) -> socket.socket:
    """Bind and listen on the loopback ``port``.

    Raises:
        MachineError: when something else listens there.
    """
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((LOOPBACK, port))
        bound.listen(BACKLOG)
    except OSError as error:
        bound.close()
        raise MachineError(f"port {port} can't be listened on: {error.strerror}.") from None
    return bound
