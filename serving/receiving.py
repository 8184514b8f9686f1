"""ASGI's ``receive``, asked without waiting: is the body here already, is the client still there?

A timer or a task for each request would cost more than most answers. So the coroutine is started by hand:
what a server has at hand it returns at once, and only where it would wait does the slow way begin.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Coroutine, Generator
from typing import Any, cast

from starlette.types import Message, Receive

from serving.body import MAX_BODY_SECONDS, read_body
from serving.errors import ClientLeft


class Started:
    """One ``receive()`` that runs until it would wait; awaiting this goes on where it stopped."""

    __slots__ = ("_coroutine", "_waits_for", "message")

    def __init__(self, receive: Receive) -> None:
        # What an ASGI server gives is a coroutine; the type says less, since any awaitable may be awaited.
        self._coroutine = cast("Coroutine[Any, Any, Message]", receive())
        #: what was received, or None when that would take a while
        self.message: Message | None = None
        try:
            self._waits_for = self._coroutine.send(None)
        except StopIteration as returned:
            self.message = returned.value

    def __await__(self) -> Generator[Any, Any, Message]:
        """Wait for the message."""
        waits_for = self._waits_for
        while True:
            try:
                try:
                    woken = yield waits_for
                except GeneratorExit:
                    self._coroutine.close()
                    raise
                except BaseException as error:  # noqa: BLE001 - whatever it is, such as a cancellation, is its
                    waits_for = self._coroutine.throw(error)
                else:
                    waits_for = self._coroutine.send(woken)
            except StopIteration as returned:
                return returned.value

    def abandon(self) -> None:
        """Stop waiting."""
        self._coroutine.close()


async def receive_body(
    receive: Receive,
    content_length: str | None,
    content_encoding: str | None,
    limit_bytes: int,
    limit_seconds: float = MAX_BODY_SECONDS,
) -> bytes:
    """The body of a request, bounded in size and time, and decompressed.

    Raises:
        BadRequest: as :func:`serving.body.read_body` does.
        ClientLeft: when the client went before its body was whole.
    """
    first = Started(receive)
    message = first.message
    if message is not None and content_encoding is None and message["type"] == "http.request":
        body = message.get("body", b"")
        if not message.get("more_body", False) and len(body) <= limit_bytes:
            return body
    chunks = _chunks(first, receive)
    return await read_body(chunks, content_length, content_encoding, limit_bytes, limit_seconds)


async def _chunks(first: Started, receive: Receive) -> AsyncIterator[bytes]:
    message = first.message
    if message is None:
        message = await first
    while message["type"] == "http.request":
        yield message.get("body", b"")
        if not message.get("more_body", False):
            return
        message = await receive()
    raise ClientLeft


def has_left(receive: Receive) -> bool:
    """Whether the client of a request, whose body has been received, is gone.

    A server waits for what comes after the body, which is only that the client goes; so one that would wait
    has a client.
    """
    started = Started(receive)
    if started.message is None:
        started.abandon()
        return False
    return started.message["type"] == "http.disconnect"
