"""How a process says that it is ready: ``READY=1`` to the socket in NOTIFY_SOCKET (sd_notify(3)).

The socket lies in the abstract namespace: it needs no file, so nothing stays behind and no path is too long.
"""

from __future__ import annotations

import asyncio
import secrets
import socket


class ReadinessSocket:
    """One socket for one start of one process."""

    def __init__(self) -> None:
        name = f"homeostat-{secrets.token_hex(16)}"
        #: the value for NOTIFY_SOCKET; the at sign stands for the leading NUL byte
        self.address = f"@{name}"
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
        self._socket.settimeout(0)
        self._socket.bind(f"\0{name}")

    async def ready(self) -> None:
        """Wait until the process says that it is ready."""
        loop = asyncio.get_running_loop()
        while b"READY=1" not in (await loop.sock_recv(self._socket, 4096)).splitlines():
            pass

    def close(self) -> None:
        """Listen no longer."""
        self._socket.close()
