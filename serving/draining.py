"""Keep-alive connections end politely: while draining, every response asks its client to connect anew.

A server that closes an idle connection races with the client's next request on it; one that says
``Connection: close`` does not, and the next connection reaches the server that takes over.
"""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.readiness import Readiness


class Draining:
    """Adds ``Connection: close`` to the responses of ``app`` once it is not ready any more."""

    def __init__(self, app: ASGIApp, readiness: Readiness) -> None:
        self._app = app
        self._readiness = readiness

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything through, but for that header."""

        async def closing(message: Message) -> None:
            if message["type"] == "http.response.start" and not self._readiness.ready:
                MutableHeaders(scope=message)["connection"] = "close"
            await send(message)

        await self._app(scope, receive, closing)
