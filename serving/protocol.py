"""The HTTP face of one served model but for inference itself, which is the hot path's: health and metadata.

KServe V1 and Open Inference Protocol V2 on one ASGI application. What the hot path does not take is a request
to a model, version or path that is not here, or with a wrong method, and is told so: every error is the
protocols' ``{"error": "<sentence>"}``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

import orjson
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from homeostat.release import Release
from serving.accounts import Accounts
from serving.allowance import Allowance
from serving.explaining.endpoint import ExplainEndpoint
from serving.in_flight import InFlight
from serving.metrics import CONTENT_TYPE, Metrics
from serving.observation import ProtocolName
from serving.predictor import Predictor
from serving.readiness import Readiness
from serving.wire.metadata import model_metadata, server_metadata
from serving.wire.quoted import quoted


@dataclass(frozen=True, slots=True)
class Served:
    """One release as it is served."""

    release: Release
    predictor: Predictor
    metrics: Metrics
    readiness: Readiness
    #: what is being answered now, which the server that accepts requests tells
    in_flight: InFlight = field(default_factory=InFlight)
    #: an inference that is not answered by then gets 504
    deadline_seconds: float = 30.0
    #: of the requests that succeed and are not slow, the share that is logged
    access_log_fraction: float = 0.0
    #: where the model's answers are explained; None for nowhere
    explaining: ExplainEndpoint | None = None
    #: of clients' mistakes that are logged
    mistakes: Allowance = field(default_factory=Allowance)

    def accounts(self) -> Accounts:
        """What is counted and logged of requests to it."""
        return Accounts(self.release, self.metrics, self.access_log_fraction, self.mistakes)

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
        self._accounts = served.accounts()
        self._server = server_metadata()
        self._model = model_metadata(served.predictor.manifest, served.version)

    def routes(self) -> list[Route]:
        """Every route; a model's V2 routes exist with and without a version."""
        routes = [
            Route("/metrics", self.metrics),
            Route("/v1/models", self.models),
            Route("/v1/models/{model}:predict", self.predict, methods=["POST"]),
            Route("/v1/models/{model}:explain", self.explain, methods=["POST"]),
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
        return encoded_response(self._server)

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
        """V1's readiness of the model; its path also matches a verb with the wrong method."""
        if str(request.path_params["model"]).endswith((":predict", ":explain")):
            raise HTTPException(HTTPStatus.METHOD_NOT_ALLOWED, headers={"Allow": "POST"})
        return self._model_readiness(request)

    async def model_ready(self, request: Request) -> Response:
        """V2's readiness of the model."""
        return self._model_readiness(request)

    async def metadata(self, request: Request) -> Response:
        """V2's metadata of the model, with its version."""
        if stray := self._stray(request):
            return error_response(HTTPStatus.NOT_FOUND, stray)
        return encoded_response(self._model)

    async def predict(self, request: Request) -> Response:
        """V1 inference with another model."""
        return self._astray(request, ProtocolName.V1)

    async def explain(self, request: Request) -> Response:
        """V1 explanation."""
        if stray := self._stray(request):
            return error_response(HTTPStatus.NOT_FOUND, stray)
        if self._served.explaining is None:
            return error_response(HTTPStatus.NOT_IMPLEMENTED, "This server explains nothing.")
        return await self._served.explaining.answer(request)

    async def infer(self, request: Request) -> Response:
        """V2 inference with another model or version."""
        return self._astray(request, ProtocolName.V2)

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

    def _astray(self, request: Request, protocol: ProtocolName) -> Response:
        sentence = self._stray(request)
        if sentence is None:
            raise LookupError(
                f"{request.url.path} is the hot path's, which must be in front of this application"
            )
        self._accounts.strayed(protocol, HTTPStatus.NOT_FOUND, sentence)
        return error_response(HTTPStatus.NOT_FOUND, sentence)


def encoded_response(content: bytes) -> Response:
    """A 200 with JSON that is encoded already."""
    return Response(content, media_type="application/json")


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
