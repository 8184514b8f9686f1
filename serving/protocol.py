"""The HTTP face of one served model: KServe V1 and Open Inference Protocol V2 on one ASGI application.

Routes, errors, metrics and the log of slow and failed requests live here; how a body becomes an answer is
the :class:`Dataplane`'s. Every error is the protocols' ``{"error": "<sentence>"}``, and a mistake of the
client is never a 500.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Protocol

import orjson
import structlog
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from homeostat.release import Release
from serving.body import read_body
from serving.errors import BadRequest
from serving.metrics import CONTENT_TYPE, Metrics
from serving.observation import Observation, ProtocolName
from serving.readiness import Readiness
from serving.reply import Reply
from serving.schema import quoted
from serving.v2_request import HEADER_LENGTH

SLOW_SECONDS = 0.5
SERVER = {"name": "homeostat", "version": "0.1.0", "extensions": ["binary_tensor_data"]}

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


class Dataplane(Protocol):
    """Turns the body of an inference request into the body of its answer."""

    async def v1(self, body: bytes, observation: Observation) -> Reply:
        """Answer a V1 ``:predict``, or raise :class:`BadRequest`."""
        ...

    async def v2(self, body: bytes, header_length: str | None, observation: Observation) -> Reply:
        """Answer a V2 ``infer``, or raise :class:`BadRequest`."""
        ...

    async def metadata(self) -> dict[str, Any]:
        """The model's V2 metadata."""
        ...


@dataclass(frozen=True, slots=True)
class Served:
    """One release as it is served."""

    release: Release
    dataplane: Dataplane
    metrics: Metrics
    readiness: Readiness

    @property
    def version(self) -> str:
        """The version as the protocol writes it."""
        return str(self.release.version)


def create_app(served: Served) -> Starlette:
    """The application that serves ``served``."""
    endpoints = Endpoints(served)
    return Starlette(routes=endpoints.routes(), exception_handlers={HTTPException: http_error})


class Endpoints:
    """One method a route."""

    def __init__(self, served: Served) -> None:
        self._served = served

    def routes(self) -> list[Route]:
        """Every route; a model's V2 routes exist with and without a version."""
        routes = [
            Route("/metrics", self.metrics),
            Route("/v1/models", self.models),
            Route("/v1/models/{model}:predict", self.predict, methods=["POST"]),
            Route("/v1/models/{model}", self.v1_ready),
            Route("/v2", self.server),
            Route("/v2/health/live", self.live),
            Route("/v2/health/ready", self.ready),
            Route("/v2/models", self.models),
        ]
        for model in ("/v2/models/{model}", "/v2/models/{model}/versions/{version}"):
            routes += [
                Route(model, self.metadata),
                Route(f"{model}/ready", self.model_ready),
                Route(f"{model}/infer", self.infer, methods=["POST"]),
            ]
        return routes

    async def metrics(self, _: Request) -> Response:
        """Prometheus's text format."""
        return Response(self._served.metrics.exposition(), media_type=CONTENT_TYPE)

    async def server(self, _: Request) -> Response:
        """Name, version and extensions of the server."""
        return json_response(SERVER)

    async def live(self, _: Request) -> Response:
        """Whether the process can answer at all."""
        return json_response({"live": True})

    async def ready(self, _: Request) -> Response:
        """Whether new requests should come here; not while draining."""
        if not self._served.readiness.ready:
            return error_response(HTTPStatus.SERVICE_UNAVAILABLE, "The server is not ready: it is stopping.")
        return json_response({"ready": True})

    async def models(self, _: Request) -> Response:
        """The one model."""
        return json_response({"models": [self._served.release.model]})

    async def v1_ready(self, request: Request) -> Response:
        """V1's readiness of the model; its path also matches a ``:predict`` with the wrong method."""
        if str(request.path_params["model"]).endswith(":predict"):
            raise HTTPException(HTTPStatus.METHOD_NOT_ALLOWED, headers={"Allow": "POST"})
        return self._model_readiness(request)

    async def model_ready(self, request: Request) -> Response:
        """V2's readiness of the model."""
        return self._model_readiness(request)

    async def metadata(self, request: Request) -> Response:
        """V2's metadata of the model, with its version."""
        if stray := self._stray(request):
            return error_response(HTTPStatus.NOT_FOUND, stray)
        described = await self._served.dataplane.metadata()
        return json_response(
            described | {"platform": "homeostat_tabular", "versions": [self._served.version]}
        )

    async def predict(self, request: Request) -> Response:
        """V1 inference."""
        dataplane = self._served.dataplane
        return await self._answer(request, ProtocolName.V1, dataplane.v1)

    async def infer(self, request: Request) -> Response:
        """V2 inference."""
        header = request.headers.get(HEADER_LENGTH)

        async def answer(body: bytes, observation: Observation) -> Reply:
            return await self._served.dataplane.v2(body, header, observation)

        return await self._answer(request, ProtocolName.V2, answer)

    def _model_readiness(self, request: Request) -> Response:
        if stray := self._stray(request):
            return error_response(HTTPStatus.NOT_FOUND, stray)
        model = self._served.release.model
        if not self._served.readiness.ready:
            return error_response(
                HTTPStatus.SERVICE_UNAVAILABLE, f"Model {model} is not ready: it is stopping."
            )
        return json_response({"name": model, "ready": True})

    def _stray(self, request: Request) -> str | None:
        """The sentence for a request to a model or version that is not served here."""
        model, version = request.path_params["model"], request.path_params.get("version")
        if model != self._served.release.model:
            return f"Model {quoted(model)} does not exist here: this server has {self._served.release.model}."
        if version not in (None, self._served.version):
            return f"Version {quoted(version)} of {model} is not served: version {self._served.version} is."
        return None

    async def _answer(
        self,
        request: Request,
        protocol: ProtocolName,
        answer: Callable[[bytes, Observation], Awaitable[Reply]],
    ) -> Response:
        if stray := self._stray(request):
            self._served.metrics.strayed(protocol, HTTPStatus.NOT_FOUND)
            self._log_failure(protocol, HTTPStatus.NOT_FOUND, stray)
            return error_response(HTTPStatus.NOT_FOUND, stray)
        observation = Observation(protocol)
        try:
            body = await _body_of(request)
            observation = Observation(protocol)
            reply = await answer(body, observation)
            response = Response(reply.content, HTTPStatus.OK, dict(reply.headers), reply.media_type)
        except BadRequest as error:
            response = self._failed(protocol, error.status, str(error))
        except ClientDisconnect:
            response = self._failed(
                protocol, HTTPStatus.BAD_REQUEST, "The client left before its body was whole."
            )
        except asyncio.CancelledError:
            # BentoML gives up on what takes a minute and answers 504 itself; that must be counted as well.
            self._account(observation, HTTPStatus.GATEWAY_TIMEOUT)
            raise
        except Exception as error:
            # The edge of the process: whatever a model raises is one failed request, not a dead server.
            log.exception("model_failed", model=self._served.release.model, version=self._served.version)
            response = self._failed(
                protocol,
                HTTPStatus.INTERNAL_SERVER_ERROR,
                f"The model could not answer ({type(error).__name__}): its log tells why.",
            )
        self._account(observation, response.status_code)
        return response

    def _failed(self, protocol: ProtocolName, status: HTTPStatus, sentence: str) -> Response:
        self._log_failure(protocol, status, sentence)
        return error_response(status, sentence)

    def _account(self, observation: Observation, status: int) -> None:
        self._served.metrics.answered(observation, status)
        duration = observation.duration_seconds()
        if duration > SLOW_SECONDS:
            log.warning(
                "slow_request",
                model=self._served.release.model,
                version=self._served.version,
                protocol=observation.protocol.value,
                duration_seconds=round(duration, 6),
                phases={phase.value: round(seconds, 6) for phase, seconds in observation.phases.items()},
                threshold_seconds=SLOW_SECONDS,
            )

    def _log_failure(self, protocol: ProtocolName, status: HTTPStatus, sentence: str) -> None:
        log.warning(
            "request_failed",
            model=self._served.release.model,
            version=self._served.version,
            protocol=protocol.value,
            status=int(status),
            error=sentence,
        )


async def _body_of(request: Request) -> bytes:
    headers = request.headers
    return await read_body(request.stream(), headers.get("content-length"), headers.get("content-encoding"))


def json_response(content: object) -> Response:
    """A 200 with JSON."""
    return Response(orjson.dumps(content), media_type="application/json")


def error_response(status: int, sentence: str, headers: Mapping[str, str] | None = None) -> Response:
    """An error as both protocols write it."""
    return Response(orjson.dumps({"error": sentence}), status, headers, "application/json")


async def http_error(request: Request, error: Exception) -> Response:
    """Unknown paths and wrong methods, as the protocols write errors."""
    if not isinstance(error, HTTPException):
        raise error
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        allowed = (error.headers or {}).get("Allow", "another method")
        sentence = f"{quoted(request.url.path)} does not take {request.method}: use {allowed}."
    else:
        sentence = f"{quoted(request.url.path)} does not exist: this server has /v1, /v2 and /metrics."
    return error_response(error.status_code, sentence, error.headers)
