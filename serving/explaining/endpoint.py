"""``POST /v1/models/{model}:explain``: the rows of a V1 ``:predict``, and why the model says what it says.

Every error is the protocols' ``{"error": "<sentence>"}``. A model of a kind that can't be explained is
answered with 501: the request is right, and no other one would do better.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from functools import partial
from http import HTTPStatus
from typing import Protocol

import orjson
import structlog
from starlette.requests import Request
from starlette.responses import Response

from serving.batching.patience import Patience
from serving.client_deadline import TIMEOUT_HEADER, deadline_seconds
from serving.errors import STOPPING, BadAnswer, BadRequest, EngineStopped, NotExplainable
from serving.explaining.explainer import Explainer
from serving.in_flight import InFlight
from serving.receiving import has_left, receive_body
from serving.refusal import refusal_of
from serving.wire.body_limit import body_limit
from serving.wire.schema import InputSchema
from serving.wire.v1 import read_v1

#: rows of one request; a large forest takes milliseconds for each
MAX_ROWS = 64

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


class ExplanationCounter(Protocol):
    """Counts requests for explanations."""

    def explained(self, status: int) -> None:
        """Count one, whatever its outcome."""
        ...


class ExplainEndpoint:
    """Answers the requests for explanations of one served model."""

    def __init__(
        self,
        schema: InputSchema,
        explainer: Explainer,
        counter: ExplanationCounter,
        deadline_seconds: float,
        in_flight: InFlight,
    ) -> None:
        self._schema = schema
        # Room for a few rows more than are explained, so that the refusal can say how many there may be.
        self._limit_bytes = body_limit(schema.names, min(schema.max_batch, 2 * MAX_ROWS))
        self._explainer = explainer
        self._counter = counter
        self._deadline_seconds = deadline_seconds
        self._in_flight = in_flight

    async def answer(self, request: Request) -> Response:
        """Explain the request's rows."""
        try:
            content = await self._explain(request)
        except asyncio.CancelledError:
            # The server stops, and its grace is over: raised on, this would be a 500 without a sentence.
            return self._failed(EngineStopped(STOPPING))
        except Exception as error:
            # The edge of the process: whatever it is, it is one failed request and no dead server.
            if refusal_of(error) is None and not isinstance(error, NotExplainable | BadAnswer):
                log.exception("explanation_failed")
            return self._failed(error)
        self._counter.explained(HTTPStatus.OK)
        return Response(content, media_type="application/json")

    async def _explain(self, request: Request) -> bytes:
        headers = request.headers
        length, encoding = headers.get("content-length"), headers.get("content-encoding")
        body = await receive_body(request.receive, length, encoding, self._limit_bytes)
        seconds = deadline_seconds(headers.get(TIMEOUT_HEADER), self._deadline_seconds)
        patience = Patience(asyncio.get_running_loop().time() + seconds, partial(has_left, request.receive))
        rows = read_v1(body, self._schema)
        if len(rows) > MAX_ROWS:
            raise BadRequest(
                f"The request has {len(rows)} rows, at most {MAX_ROWS} can be explained at once: split.",
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            )
        with self._in_flight.explaining():
            return await self._explainer.explain(rows, patience)

    def _failed(self, error: Exception) -> Response:
        refused = refusal_of(error)
        headers: Mapping[str, str] = {}
        if isinstance(error, NotExplainable):
            status, sentence = HTTPStatus.NOT_IMPLEMENTED.value, str(error)
        elif refused is not None:
            status, sentence, headers = refused.status, str(error), refused.headers
        elif isinstance(error, BadAnswer):
            status, sentence = HTTPStatus.INTERNAL_SERVER_ERROR.value, str(error)
        else:
            status = HTTPStatus.INTERNAL_SERVER_ERROR.value
            sentence = f"The rows could not be explained ({type(error).__name__}): the log tells why."
        log.warning("explanation_refused", status=status, error=sentence)
        self._counter.explained(status)
        return Response(orjson.dumps({"error": sentence}), status, headers, "application/json")
