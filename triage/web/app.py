"""The web application: webhooks in, reports out, and the service's own health."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from sqlalchemy.exc import SQLAlchemyError

from triage.bootstrap import Triage
from triage.web.incident_routes import incident_routes
from triage.web.webhooks import ENDPOINTS, webhook_routes

_EXPOSITION = "text/plain; version=0.0.4; charset=utf-8"


def create_app(triage: Triage) -> FastAPI:
    """The application around parts that are already wired; it starts and stops the worker and the vigil."""

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncGenerator[None]:
        triage.worker.start()
        triage.vigil.start()
        yield
        triage.vigil.stop()
        triage.worker.stop()
        triage.close()

    app = FastAPI(title="Homeostat triage", lifespan=lifespan, openapi_url=None)
    app.include_router(webhook_routes(triage))
    app.include_router(incident_routes(triage.store))
    app.middleware("http")(_counted(triage))
    app.get("/healthz")(_health(triage))
    app.get("/metrics")(_metrics(triage))
    return app


def _counted(
    triage: Triage,
) -> Callable[[Request, Callable[[Request], Awaitable[Response]]], Awaitable[Response]]:
    async def count(request: Request, proceed: Callable[[Request], Awaitable[Response]]) -> Response:
        response = await proceed(request)
        endpoint = request.url.path.removeprefix("/webhooks/")
        if endpoint in ENDPOINTS:
            triage.metrics.requests.labels(endpoint, str(response.status_code)).inc()
        return response

    return count


def _health(triage: Triage) -> Callable[[], JSONResponse]:
    def health() -> JSONResponse:
        """200 while alerts can be stored and worked off, else 503 with what is wrong."""
        try:
            depth = triage.queue.depth()
            last = triage.heartbeats.last()
        except SQLAlchemyError:
            return JSONResponse({"status": "the database can't be read"}, 503)
        alive = triage.worker.is_alive
        content = {
            "status": "ok" if alive else "the worker stopped",
            "jobs": {state.value: count for state, count in depth.items()},
            "last_heartbeat": last.isoformat() if last else None,
        }
        return JSONResponse(content, 200 if alive else 503)

    return health


def _metrics(triage: Triage) -> Callable[[], Response]:
    def metrics() -> Response:
        text = triage.metrics.exposition(
            triage.queue.depth, triage.heartbeats.last, lambda: triage.worker.is_alive
        )
        return Response(text, media_type=_EXPOSITION)

    return metrics
