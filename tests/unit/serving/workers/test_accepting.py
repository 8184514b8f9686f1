"""Connections at a worker's door: who is let in, who makes room, and who has waited too long."""

from __future__ import annotations

import asyncio
import resource
import socket

from serving.workers.limits import Limits
from serving.workers.shares import Shares
from tests.unit.serving.workers.door import ASK, Client, Place, at


def test_a_kept_connection_answers_again_and_again():
    async def scenario(place: Place) -> None:
        client = await place.open()
        for _ in range(3):
            assert b"200 OK" in await client.ask()
        assert place.floor.connections == 1
        assert len(place.floor.waiting) == 1

    at(scenario)


def test_pipelined_requests_are_all_answered():
    async def scenario(place: Place) -> None:
        client = await place.open()
        await client.send(ASK * 5)
        for _ in range(5):
            assert b"200 OK" in await client.reader.readuntil(b"\r\n\r\nok")
        assert len(place.floor.waiting) == 1

    at(scenario)


def test_a_head_that_does_not_come_ends_the_connection_and_a_body_may_take_its_time():
    async def scenario(place: Place) -> None:
        silent, slow, patient = [await place.open() for _ in range(3)]
        await slow.send(ASK[:20])
        await patient.send(b"POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 2\r\n\r\na")
        assert await silent.hung_up()
        assert await slow.hung_up()
        await patient.send(b"b")
        assert b"200 OK" in await patient.reader.readuntil(b"\r\n\r\nok")

    at(scenario, limits=Limits(head_seconds=0.1))


def test_a_second_request_that_stalls_ends_the_connection_too():
    async def scenario(place: Place) -> None:
        client = await place.open()
        assert await client.ask()
        await client.send(ASK[:20])
        assert await client.hung_up()

    at(scenario, limits=Limits(head_seconds=0.1, idle_seconds=1000))


def test_an_idle_connection_is_closed_in_the_end():
    async def scenario(place: Place) -> None:
        client = await place.open()
        assert await client.ask()
        assert await client.hung_up()

    at(scenario, limits=Limits(idle_seconds=0.1))


def test_when_places_run_out_the_longest_silent_makes_room_for_one_that_asks():
    async def scenario(place: Place) -> None:
        silent = [await place.open() for _ in range(50)]
        client = await place.open()
        assert b"200 OK" in await client.ask()
        assert await silent[0].hung_up()
        assert place.floor.connections <= 4
        # the last one is still there, since it has waited the least
        assert b"200 OK" in await client.ask()

    at(scenario, most=3)


def test_a_client_that_connects_while_others_are_answered_waits_and_is_answered():
    async def scenario(place: Place) -> None:
        uploading = await place.open()
        await uploading.send(b"POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 2\r\n\r\nab")
        client = await place.open()
        assert b"200 OK" in await client.ask()
        assert b"200 OK" in await uploading.reader.readuntil(b"\r\n\r\nok")

    at(scenario, most=1)


def test_a_worker_that_is_ahead_still_takes_what_nobody_else_takes():
    shares = Shares(2)
    shares.of(1).open()  # a worker that listens, and never gets to accept

    async def scenario(place: Place) -> None:
        clients = [await place.open() for _ in range(40)]
        for client in clients:
            assert b"200 OK" in await client.ask()

    at(scenario, share=shares.of(0))


def test_a_stopping_worker_says_goodbye_with_the_answer():
    async def scenario(place: Place) -> None:
        client = await place.open()
        assert b"connection: close" not in await client.ask()
        place.floor.readiness.ready = False
        assert b"connection: close" in await client.ask()
        assert await client.hung_up()

    at(scenario)


def test_a_full_table_of_descriptors_neither_spins_nor_loses_the_connection():
    async def scenario(place: Place) -> None:
        waiting = socket.socket()
        waiting.settimeout(0)
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        # the lowest free number is what accept would get
        with socket.socket() as free:
            limit = free.fileno()
        resource.setrlimit(resource.RLIMIT_NOFILE, (limit, hard))
        before = place.listener.asked
        try:
            waiting.connect_ex(place.listener.getsockname())
            # a loop that spins would ask thousands of times meanwhile
            await asyncio.sleep(0.2)
            assert 1 <= place.listener.asked - before <= 3
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        client = Client(*await asyncio.open_connection(sock=waiting))
        assert b"200 OK" in await client.ask()

    at(scenario)


def test_what_waits_in_the_kernel_at_the_end_is_answered_and_told_to_go():
    async def scenario(place: Place) -> None:
        waiting = [socket.create_connection(place.listener.getsockname()) for _ in range(20)]
        # the loop has not run since: none of them is accepted
        place.floor.readiness.ready = False
        place.acceptor.accept_what_waits()
        place.acceptor.close()
        for one in waiting:
            client = Client(*await asyncio.open_connection(sock=one))
            assert b"connection: close" in await client.ask()

    at(scenario)
