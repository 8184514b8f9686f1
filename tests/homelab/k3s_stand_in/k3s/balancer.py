"""An agent's way to the API: one local port, which leads to any server that answers."""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

PORT = 6444
_PIECE = 65536
_CONNECT_SECONDS = 3.0


@dataclass(slots=True)
class Balancer:
    """Passes bytes on to the first of ``servers`` that takes the connection."""

    #: host:port of each, the last that answered first
    servers: list[str] = field(default_factory=list[str])

    def start(self) -> None:
        """Listen on loopback until the process ends."""

        async def serve() -> None:
            server = await asyncio.start_server(self._connected, "127.0.0.1", PORT)
            async with server:
                await server.serve_forever()

        threading.Thread(target=lambda: asyncio.run(serve()), name="balancer", daemon=True).start()

    def learn(self, servers: list[str]) -> None:
        """Take over the servers that the cluster has now, and keep to the one in use."""
        if servers and set(servers) != set(self.servers):
            self.servers = sorted(servers, key=lambda one: one != self.servers[0])

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for server in list(self.servers):
            host, _, port = server.rpartition(":")
            try:
                async with asyncio.timeout(_CONNECT_SECONDS):
                    back, forth = await asyncio.open_connection(host, int(port))
            except (OSError, TimeoutError):
                continue
            if self.servers[0] != server and server in self.servers:
                self.servers = [server, *(one for one in self.servers if one != server)]
            await _join(reader, writer, back, forth)
            break
        writer.close()


async def _join(reader: Any, writer: Any, back: Any, forth: Any) -> None:
    pumps = [asyncio.create_task(_pump(reader, forth)), asyncio.create_task(_pump(back, writer))]
    try:
        await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for pump in pumps:
            pump.cancel()
        forth.close()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while piece := await reader.read(_PIECE):
            writer.write(piece)
            await writer.drain()
