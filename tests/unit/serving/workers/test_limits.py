"""What one client may take of a worker, over real sockets."""

from __future__ import annotations

import asyncio

import pytest
from starlette.types import Receive, Scope, Send

from serving.workers.limits import Limits
from tests.unit.serving.workers.door import ASK, Client, Place, app, at

#: one byte more than the most, so that all of it is read when it is refused
TOO_MUCH = Limits().head_bytes + 1
POST = b"POST / HTTP/1.1\r\nHost: here\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"


def filled(begin: bytes, piece: bytes) -> bytes:
    """``begin`` and as many pieces as are too much."""
    return (begin + piece * TOO_MUCH)[:TOO_MUCH]


async def is_refused(client: Client) -> None:
    answer = await client.reader.read()
    assert answer.startswith(b"HTTP/1.1 431 Request Header Fields Too Large\r\n")
    assert answer.endswith(b'{"error":"The request\'s line and headers, or its trailers, are too large."}')


@pytest.mark.parametrize(
    "head",
    [
        filled(ASK[:-2], b"a:b\r\n"),
        filled(ASK[:-2] + b"long: ", b"x"),
        filled(b"GET /", b"x"),
        filled(b"", b"\r\n"),
    ],
    ids=["many headers", "a long header", "a long line", "empty lines"],
)
def test_a_head_without_end_is_refused(head: bytes):
    async def scenario(place: Place) -> None:
        client = await place.open()
        await client.send(head)
        await is_refused(client)

    at(scenario)


def test_trailers_without_end_are_refused():
    async def scenario(place: Place) -> None:
        client = await place.open()
        await client.send(CHUNKED[:-2] + b"Expect: 100-continue\r\n\r\n2\r\nok\r\n0\r\n")
        assert b"100 Continue" in await client.reader.readuntil(b"\r\n\r\n")
        await client.send(filled(b"", b"a:b\r\n"))
        await is_refused(client)

    at(scenario)


def test_heads_and_bodies_within_their_limits_are_not_counted_together():
    async def scenario(place: Place) -> None:
        client = await place.open()
        head = ASK[:-2] + b"long: " + b"x" * 40_000 + b"\r\n\r\n"
        body = POST + b"Content-Length: 200000\r\n\r\n" + b"x" * 200_000
        chunked = CHUNKED + b"1\r\nx\r\n" * 30_000 + b"0\r\n\r\n"
        for request in [head, head, body, chunked, head]:
            await client.send(request)
            assert b"200 OK" in await client.reader.readuntil(b"\r\n\r\nok")

    at(scenario)


def test_a_refusal_does_not_overtake_an_answer():
    async def scenario(place: Place) -> None:
        client = await place.open()
        await client.send(ASK + ASK + b"nonsense\r\n\r\n")
        answers = await client.reader.read()
        assert answers.count(b"200 OK") == 2
        assert answers.endswith(b"connection: close\r\n\r\nok")

    at(scenario)


def test_nonsense_is_refused():
    async def scenario(place: Place) -> None:
        client = await place.open()
        await client.send(b"nonsense\r\n\r\n")
        assert (await client.reader.read()).startswith(b"HTTP/1.1 400 Bad Request\r\n")

    at(scenario)


def test_a_client_that_sends_more_requests_than_may_queue_is_hung_up_on_after_those():
    async def scenario(place: Place) -> None:
        client = await place.open()
        may_queue = Limits().queued_requests
        await client.send(ASK * (1 + may_queue + 1))
        answers = await client.reader.read()
        assert answers.count(b"200 OK") == 1 + may_queue
        assert answers.endswith(b"connection: close\r\n\r\nok")

    at(scenario)


def test_nothing_is_read_while_requests_are_queued():
    gate = asyncio.Semaphore(0)

    async def gated(scope: Scope, receive: Receive, send: Send) -> None:
        await gate.acquire()
        await app(scope, receive, send)

    async def scenario(place: Place) -> None:
        client = await place.open()
        await client.send(ASK * 9)
        gate.release()
        assert b"200 OK" in await client.reader.readuntil(b"\r\n\r\nok")
        # read now, they would be too many
        await client.send(ASK * 12)
        for _ in range(20):
            gate.release()
            assert b"connection: close" not in await client.reader.readuntil(b"\r\n\r\nok")

    at(scenario, behind=gated)


async def large(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers with more than a connection's buffers take."""
    await receive()
    body = b"x" * 16_000_000
    head = [(b"content-length", b"%d" % (2 * len(body)))]
    await send({"type": "http.response.start", "status": 200, "headers": head})
    await send({"type": "http.response.body", "body": body, "more_body": True})
    await send({"type": "http.response.body", "body": body})


def test_a_client_that_does_not_read_its_answer_is_given_up():
    given_up = asyncio.Event()

    async def told(scope: Scope, receive: Receive, send: Send) -> None:
        await large(scope, receive, send)
        given_up.set()

    async def scenario(place: Place) -> None:
        client = await place.open()
        await client.send(ASK)
        await given_up.wait()
        assert place.floor.connections == 0

    at(scenario, behind=told, limits=Limits(unread_seconds=0.1))


def test_a_client_that_reads_gets_all_of_a_large_answer():
    async def scenario(place: Place) -> None:
        client = await place.open()
        await client.send(ASK)
        await client.reader.readuntil(b"\r\n\r\n")
        await client.reader.readexactly(32_000_000)

    at(scenario, behind=large)


def test_a_slow_body_behind_another_request_makes_room():
    async def scenario(place: Place) -> None:
        slow = await place.open()
        await slow.send(ASK + POST + b"Content-Length: 2\r\n\r\na")
        assert b"200 OK" in await slow.reader.readuntil(b"\r\n\r\nok")
        client = await place.open()
        assert b"200 OK" in await client.ask()
        assert await slow.hung_up()

    at(scenario, most=1)
