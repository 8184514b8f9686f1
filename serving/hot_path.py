"""The way of an inference request, from ASGI to the predictor and back, with nothing in between.

Three paths take nearly all requests, so they are looked up whole, before routers and middlewares; whatever is
not exactly one of them, or not a POST, goes on to the application behind. Every error is the protocols'
``{"error": "<sentence>"}``, and a mistake of the client is never a 500.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial

import orjson
from starlette.types import ASGIApp, Receive, Scope, Send

from serving.batching.patience import Patience
from serving.client_deadline import TIMEOUT_HEADER, deadline_seconds
from serving.errors import STOPPING, EngineStopped
from serving.observation import Observation, Phase, ProtocolName
from serving.protocol import Served
from serving.receiving import has_left, receive_body
from serving.refusal import CLIENT_LEFT, refusal_of
from serving.reply import Reply
from serving.trace import HEADER as TRACE_HEADER
from serving.trace import Trace, trace_of
from serving.wire.body_limit import body_limit
from serving.wire.v1 import read_v1, write_v1
from serving.wire.v2_request import HEADER_LENGTH, read_v2
from serving.wire.v2_response import V2Writer

_LENGTH, _ENCODING = b"content-length", b"content-encoding"
_JSON_LENGTH, _TIMEOUT = HEADER_LENGTH.encode(), TIMEOUT_HEADER.lower().encode()

Headers = Mapping[bytes, bytes]
Answer = Callable[[bytes, Headers, Observation, Patience], Awaitable[Reply]]


class HotPath:
    """Answers the inference requests to ``served``; ``app`` answers everything else."""

    def __init__(self, served: Served, app: ASGIApp) -> None:
        self._app = app
        self._predictor = served.predictor
        self._schema = served.predictor.schema
        manifest = served.predictor.manifest
        self._limit_bytes = body_limit(manifest.feature_names, manifest.max_batch)
        self._metrics = served.metrics
        self._accounts = served.accounts()
        self._deadline_seconds = served.deadline_seconds
        self._writer = V2Writer(manifest, served.version)
        model = served.release.model
        self._routes: Mapping[str, tuple[ProtocolName, Answer]] = {
            f"/v1/models/{model}:predict": (ProtocolName.V1, self._v1),
            f"/v2/models/{model}/infer": (ProtocolName.V2, self._v2),
            f"/v2/models/{model}/versions/{served.version}/infer": (ProtocolName.V2, self._v2),
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer an inference request, or pass it on."""
        if scope["type"] == "http" and scope["method"] == "POST":
            route = self._routes.get(scope["path"])
            if route is not None:
                await self._answer(*route, scope["headers"], receive, send)
                return
        await self._app(scope, receive, send)

    async def _answer(
        self,
        protocol: ProtocolName,
        answer: Answer,
        pairs: Sequence[tuple[bytes, bytes]],
        receive: Receive,
        send: Send,
    ) -> None:
        # Of a header that is given twice the first counts, as everywhere in ASGI.
        headers = dict(reversed(pairs))
        trace = trace_of(pairs) if TRACE_HEADER in headers else None
        trace_id = None if trace is None else trace.trace_id
        observation = Observation(protocol, trace_id)
        try:
            length, encoding = _text(headers, _LENGTH), _text(headers, _ENCODING)
            body = await receive_body(receive, length, encoding, self._limit_bytes)
            observation = Observation(protocol, trace_id)
            observation.begin(Phase.DECODE)
            reply = await answer(body, headers, observation, self._patience(headers, receive))
        except asyncio.CancelledError:
            # Only the server cancels, at the end of a stop's grace, and waits for nothing but the task's end.
            # Were it raised on, the client would get uvicorn's own 500; a second one, while a client takes
            # no answer, goes through.
            await self._refuse(EngineStopped(STOPPING), observation, trace, send)
            return
        except Exception as error:  # noqa: BLE001 - the edge of the process: a failed request, not a dead server
            await self._refuse(error, observation, trace, send)
            return
        self._accounts.answered(observation, 200)
        await _send(send, 200, reply, trace)

    async def _v1(self, body: bytes, headers: Headers, observation: Observation, patience: Patience) -> Reply:
        del headers
        rows = read_v1(body, self._schema)
        decision = await self._predictor.predict(rows, observation, patience)
        observation.begin(Phase.ENCODE)
        return write_v1(decision)

    async def _v2(self, body: bytes, headers: Headers, observation: Observation, patience: Patience) -> Reply:
        call = read_v2(body, _text(headers, _JSON_LENGTH), self._schema)
        observation.request_id = call.id
        decision = await self._predictor.predict(call.rows, observation, patience)
        observation.begin(Phase.ENCODE)
        return self._writer.write(call, decision)

    def _patience(self, headers: Headers, receive: Receive) -> Patience:
        seconds = deadline_seconds(_text(headers, _TIMEOUT), self._deadline_seconds)
        return Patience(asyncio.get_running_loop().time() + seconds, partial(has_left, receive))

    async def _refuse(
        self, error: Exception, observation: Observation, trace: Trace | None, send: Send
    ) -> None:
        refused = refusal_of(error)
        if refused is None:
            self._accounts.crashed(error)
            status, sentence = 500, f"The model could not answer ({type(error).__name__}): its log tells why."
            headers: Mapping[str, str] = {}
        else:
            status, sentence, headers = refused.status, str(error), refused.headers
            # Only of a request that was right; whose body is not whole is nothing yet.
            if refused.reason is not None and observation.rows is not None:
                self._metrics.refused(refused.reason)
        self._accounts.failed(observation, status, sentence)
        if status != CLIENT_LEFT:
            await _send(send, status, Reply(orjson.dumps({"error": sentence}), headers=headers), trace)


async def _send(send: Send, status: int, reply: Reply, trace: Trace | None) -> None:
    content = reply.content
    headers = [(b"content-length", b"%d" % len(content)), (b"content-type", reply.media_type.encode())]
    for name, value in reply.headers.items():
        headers.append((name.encode(), value.encode()))
    if trace is not None:
        headers.append((TRACE_HEADER, trace.header))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": content})


def _text(headers: Headers, name: bytes) -> str | None:
    value = headers.get(name)
    return None if value is None else value.decode("latin-1")
