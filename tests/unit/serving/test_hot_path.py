"""What the hot path promises beside right answers: bounded waits, whole bodies, no work for who left."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from serving.batching.limits import Limits
from serving.engines.engine import Probabilities, Rows
from tests.unit.serving.running import Gate, Running, running, until
from tests.unit.serving.small_app import Logistic, hot_path

pytestmark = pytest.mark.anyio

PATH = "/v1/models/toy:predict"


@pytest.fixture(scope="module")
def anyio_backend() -> tuple[str, dict[str, Any]]:
    return "asyncio", {"use_uvloop": True}


def rows(first: float) -> dict[str, Any]:
    return {"instances": [[first, 2, 0]]}


def raw(body: bytes, *headers: str) -> bytes:
    lines = [f"POST {PATH} HTTP/1.1", "Host: x", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


async def counted(server: Running, name: str, **labels: str) -> float:
    families = text_string_to_metric_families((await server.client.get("/metrics")).text)
    samples = [sample for family in families for sample in family.samples if sample.name == name]
    return sum(sample.value for sample in samples if labels.items() <= sample.labels.items())


async def test_a_deadline_of_the_client_is_kept_while_the_engine_is_at_work():
    gate = Gate()
    async with running(hot_path(gate)) as server:
        response = await server.client.post(PATH, json=rows(1), headers={"X-Request-Timeout-Seconds": "0.05"})
        assert (response.status_code, "deadline passed" in response.json()["error"]) == (504, True)
        assert await counted(server, "homeostat_requests_refused_total", reason="deadline") == 1
        gate.open.set()


async def test_the_servers_own_deadline_is_not_prolonged_by_a_client():
    gate = Gate()
    async with running(hot_path(gate, deadline_seconds=0.05)) as server:
        headers = {"X-Request-Timeout-Seconds": "1000"}
        assert (await server.client.post(PATH, json=rows(1), headers=headers)).status_code == 504
        gate.open.set()


@pytest.mark.parametrize("wish", ["0", "-1", "nan", "soon", ""])
async def test_a_deadline_that_is_none_is_a_mistake_of_the_client(wish: str):
    async with running(hot_path(Logistic())) as server:
        response = await server.client.post(PATH, json=rows(1), headers={"X-Request-Timeout-Seconds": wish})
        assert response.status_code == 400
        assert "X-Request-Timeout-Seconds" in response.json()["error"]


async def test_too_many_that_wait_are_told_when_to_come_back():
    gate = Gate()
    async with running(hot_path(gate, limits=Limits(max_queued_requests=1))) as server:
        asked = [asyncio.create_task(server.client.post(PATH, json=rows(1)))]
        await until(lambda: gate.asked == [1])
        asked += [asyncio.create_task(server.client.post(PATH, json=rows(n))) for n in (2, 3)]
        done, _ = await asyncio.wait(asked, return_when=asyncio.FIRST_COMPLETED)
        (refused,) = [task.result() for task in done]
        assert refused.status_code == 503
        assert int(refused.headers["retry-after"]) >= 1
        assert list(refused.json()) == ["error"]
        gate.open.set()
        answers = await asyncio.gather(*asked)
        assert sorted(answer.status_code for answer in answers) == [200, 200, 503]
        assert await counted(server, "homeostat_requests_refused_total", reason="overloaded") == 1


async def test_rows_of_a_client_that_left_while_they_waited_are_not_predicted():
    gate = Gate()
    async with running(hot_path(gate)) as server:
        first = asyncio.create_task(server.client.post(PATH, json=rows(1)))
        await until(lambda: gate.asked == [1])
        _, leaves = await server.connect()
        leaves.write(raw(json.dumps(rows(2)).encode()))
        stays = asyncio.create_task(server.client.post(PATH, json=rows(3)))
        await until(lambda: len(server.server.server_state.tasks) == 3)
        leaves.close()
        await until(lambda: len(server.server.server_state.connections) == 2)
        gate.open.set()
        assert [(await one).status_code for one in (first, stays)] == [200, 200]
        assert gate.asked == [1, 3]
        assert await counted(server, "homeostat_requests_refused_total", reason="left") == 1


async def test_requests_in_one_packet_are_answered_in_order_although_they_are_asked_whether_they_left():
    gate = Gate()
    async with running(hot_path(gate)) as server:
        first = asyncio.create_task(server.client.post(PATH, json=rows(1)))
        await until(lambda: gate.asked == [1])
        reader, writer = await server.connect()
        leaves, stays = (json.dumps(rows(n)).encode() for n in (9, -9))
        writer.write(raw(leaves) + raw(stays) + raw(leaves, "Connection: close"))
        await until(lambda: len(server.server.server_state.tasks) == 2)
        gate.open.set()
        answered = await reader.read()
        writer.close()
        assert (await first).status_code == 200
        labels = [part.partition(b'"]}')[0] for part in answered.split(b'{"predictions":["')[1:]]
        assert labels == [b"leaves", b"stays", b"leaves"]


async def test_a_body_in_pieces_is_put_together():
    async def pieces():
        for piece in (b'{"instances"', b": [[1, 2", b", 0]]}"):
            yield piece
            await asyncio.sleep(0)

    async with running(hot_path(Logistic())) as server:
        assert (await server.client.post(PATH, content=pieces())).json() == {"predictions": ["leaves"]}


async def test_a_client_that_asks_before_it_sends_is_told_to_go_on():
    async with running(hot_path(Logistic())) as server:
        reader, writer = await server.connect()
        whole = raw(b'{"instances": [[1, 2, 0]]}', "Expect: 100-continue", "Connection: close")
        head, _, body = whole.partition(b"\r\n\r\n")
        writer.write(head + b"\r\n\r\n")
        assert (await reader.readline()).startswith(b"HTTP/1.1 100")
        writer.write(body)
        assert b'{"predictions":["leaves"]}' in await reader.read()
        writer.close()


async def test_a_client_that_leaves_before_its_body_is_whole_is_counted_and_disturbs_nobody():
    async with running(hot_path(Logistic())) as server:
        _, writer = await server.connect()
        writer.write(raw(b"x" * 100)[:-50])
        await until(lambda: len(server.server.server_state.tasks) == 1)
        writer.close()
        await until(lambda: not server.server.server_state.tasks)
        assert await counted(server, "homeostat_inference_requests_total", status="499") == 1
        assert await counted(server, "homeostat_requests_refused_total", reason="left") == 0
        assert (await server.client.post(PATH, json=rows(1))).status_code == 200


async def test_what_the_engine_raises_is_one_failed_request():
    class Broken:
        def probabilities(self, rows: Rows) -> Probabilities:
            if rows[0, 0] < 0:
                raise ValueError("a secret of the model")
            return Logistic().probabilities(rows)

    async with running(hot_path(Broken())) as server:
        failed = await server.client.post(PATH, json=rows(-1))
        assert failed.status_code == 500
        assert failed.json() == {"error": "The model could not answer (ValueError): its log tells why."}
        assert (await server.client.post(PATH, json=rows(1))).status_code == 200


async def test_of_a_header_that_is_given_twice_the_first_counts():
    async with running(hot_path(Logistic())) as server:
        headers = [("Content-Encoding", "identity"), ("Content-Encoding", "br")]
        assert (await server.client.post(PATH, json=rows(1), headers=headers)).status_code == 200


@pytest.mark.parametrize("whole", [True, False])
async def test_who_is_not_answered_within_the_grace_of_a_stop_is_told_in_a_sentence(
    whole: bool, caplog: pytest.LogCaptureFixture
):
    gate = Gate()
    app = hot_path(gate)
    async with running(app, grace_seconds=0) as server:
        reader, writer = await server.connect()
        body = raw(json.dumps(rows(1)).encode())
        writer.write(body if whole else body[:-1])
        await until(lambda: len(server.server.server_state.tasks) == 1 and bool(gate.asked) == whole)
        server.server.should_exit = True
        answer = await reader.read()
        writer.close()
        gate.open.set()
    head, _, content = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 503 ")
    assert {b"retry-after: 1", b"connection: close"} <= set(head.split(b"\r\n"))
    assert json.loads(content) == {"error": "The server is stopping: ask again, another one will answer."}
    assert not [record for record in caplog.records if record.exc_info]
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        told = (await client.get("/metrics")).text
    assert 'homeostat_inference_requests_total{model="toy",protocol="v1",status="503",version="3"} 1' in told
