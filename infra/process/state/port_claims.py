"""Ports that are promised and not listened on yet: two platforms that start together take different ones.

A service binds its port seconds after the port was chosen for it, and until then the port looks free to
everybody; a claim is what another platform can see. It is an abstract Unix socket (unix(7)): the kernel drops
it with the process that holds it, and it lives in the same network namespace as the port.
"""

from __future__ import annotations

import socket

from infra.process.state.ports import is_free


class PortClaims:
    """The claims that this process holds, until it ends."""

    def __init__(self) -> None:
        self._held: dict[int, socket.socket] = {}

    def claim(self, port: int) -> bool:
        """Claim ``port``; False when something listens on it or another process claims it."""
        if port not in self._held:
            claim = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            try:
                claim.bind(f"\0homeostat.port.{port}")
            except OSError:
                claim.close()
                return False
            self._held[port] = claim
        if is_free(port):
            return True
        self._held.pop(port).close()
        return False
