"""Starting ``receive`` by hand loses no message, whether it waits or not."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from starlette.types import Message

from serving.errors import BadRequest, ClientLeft
from serving.receiving import has_left, receive_body

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def anyio_backend() -> tuple[str, dict[str, Any]]:
    return "asyncio", {"use_uvloop": True}


LIMIT = 1000


class Client:
    """What a client sends, as an ASGI server hands it out."""

    def __init__(self, *messages: Message) -> None:
        self.messages: asyncio.Queue[Message] = asyncio.Queue()
        for message in messages:
            self.messages.put_nowait(message)

    async def receive(self) -> Message:
        return await self.messages.get()


def part(body: bytes, *, more: bool) -> Message:
    return {"type": "http.request", "body": body, "more_body": more}


async def test_a_whole_body_is_returned_without_waiting():
    reading = receive_body(Client(part(b"whole", more=False)).receive, None, None, LIMIT)
    with pytest.raises(StopIteration) as returned:
        reading.send(None)
    assert returned.value.value == b"whole"


async def test_a_body_that_is_not_here_yet_is_waited_for():
    client = Client()
    reading = asyncio.create_task(receive_body(client.receive, None, None, LIMIT))
    await asyncio.sleep(0)
    for message in (part(b"in ", more=True), part(b"parts", more=False)):
        client.messages.put_nowait(message)
        await asyncio.sleep(0)
    assert await reading == b"in parts"


@pytest.mark.parametrize("sent", [(), (part(b"{", more=True),)])
async def test_a_body_that_never_ends_is_408(sent: tuple[Message, ...]):
    with pytest.raises(BadRequest, match=r"did not arrive within 0\.01 s") as told:
        await receive_body(Client(*sent).receive, None, None, LIMIT, limit_seconds=0.01)
    assert told.value.status == 408


@pytest.mark.parametrize("sent", [(), (part(b"{", more=True),)])
async def test_a_client_that_goes_before_the_end_is_no_body(sent: tuple[Message, ...]):
    with pytest.raises(ClientLeft):
        await receive_body(Client(*sent, {"type": "http.disconnect"}).receive, None, None, LIMIT)


async def test_a_task_that_is_cancelled_while_it_waits_stops_receiving():
    client = Client()
    reading = asyncio.create_task(receive_body(client.receive, None, None, LIMIT))
    await asyncio.sleep(0)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    client.messages.put_nowait(part(b"for the next", more=False))
    assert client.messages.qsize() == 1


async def test_asking_whether_the_client_left_takes_no_message_away():
    client = Client()
    assert not has_left(client.receive)
    assert not has_left(client.receive)
    client.messages.put_nowait({"type": "http.disconnect"})
    assert has_left(client.receive)
