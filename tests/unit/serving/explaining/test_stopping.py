"""What a request for an explanation is told that a stopping server gives up."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from starlette.requests import Request

from serving.batching.patience import Patience
from serving.engines.engine import Rows
from serving.explaining.endpoint import ExplainEndpoint
from serving.in_flight import InFlight
from serving.wire.schema import InputSchema
from tests.unit.serving.small_app import MANIFEST

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


class Hanging:
    """Never explains, and says when it was asked to."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()

    async def explain(self, rows: Rows, patience: Patience) -> bytes:
        self.asked.set()
        await asyncio.Event().wait()
        return b""


class Counted(list[int]):
    """The statuses that were counted."""

    def explained(self, status: int) -> None:
        self.append(int(status))


async def receive() -> dict[str, Any]:
    return {"type": "http.request", "body": b'{"instances": [[1, 2, 0]]}', "more_body": False}


async def test_an_explanation_that_the_server_cancels_is_a_503_with_its_sentence():
    explainer, counted = Hanging(), Counted()
    in_flight = InFlight(whole=lambda: 2)
    endpoint = ExplainEndpoint(InputSchema(MANIFEST), explainer, counted, 30.0, in_flight)
    request = Request({"type": "http", "method": "POST", "path": "/", "headers": []}, receive)
    answering = asyncio.create_task(endpoint.answer(request))
    await explainer.asked.wait()
    assert in_flight.alone(), "the other request has the engine for itself"
    answering.cancel()
    response = await answering
    assert response.status_code == 503
    assert "The server is stopping" in json.loads(response.body)["error"]
    assert response.headers["retry-after"] == "1"
    assert counted == [503]
    assert not in_flight.alone()
