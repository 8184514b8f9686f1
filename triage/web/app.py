"""The web application: webhooks in, reports out, and the service's own health."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException as StarletteHTTPException

from triage.bootstrap import Triage
from triage.errors import UnknownIncident
from triage.web.answers import problem
from triage.web.feedback_routes import feedback_routes
from triage.web.github_webhook import github_routes
from triage.web.incident_routes import incident_routes
from triage.web.page_routes import page_routes
from triage.web.webhooks import ENDPOINTS, webhook_routes

_log = structlog.stdlib.get_logger()

_EXPOSITION = "text/plain; version=0.0.4; charset=utf-8"


def create_app(triage: Triage) -> FastAPI:
    """The application around parts that are already wired; it starts and stops the worker and the vigil."""

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncGenerator[None]:
        triage.worker.start()
        triage.vigil.start()
        triage.rounds.start()
        triage.retraining.start()
        triage.dispatcher.start()
        yield
        triage.rounds.stop()
        triage.retraining.stop()
        triage.vigil.stop()
        triage.worker.stop()
        triage.dispatcher.stop()
        triage.close()

    app = FastAPI(title="Homeostat triage", lifespan=lifespan, openapi_url=None)
    app.include_router(webhook_routes(triage))
    app.include_router(github_routes(triage))
    app.include_router(incident_routes(triage.store))
    app.include_router(page_routes(triage))
    app.include_router(feedback_routes(triage))
    app.add_exception_handler(UnknownIncident, _told(404))
    app.add_exception_handler(StarletteHTTPException, _refused)
    app.add_exception_handler(SQLAlchemyError, _without_database)
    app.middleware("http")(_counted(triage))
    app.get("/healthz")(_health(triage))
    app.get("/metrics")(_metrics(triage))
    return app


def _told(status: int) -> Callable[[Request, Exception], Response]:
    return lambda request, error: problem(request, status, str(error))


async def _refused(request: Request, error: Exception) -> Response:
    if isinstance(error, StarletteHTTPException):
        answer = problem(request, error.status_code, str(error.detail))
        answer.headers.update(error.headers or {})
        return answer
    raise error


def _without_database(request: Request, error: Exception) -> Response:
    _log.error("database_failed", path=request.url.path, exc_info=error)
    return problem(request, 503, "triage's database can't be read or written at the moment.")


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
            destinations = triage.dispatcher.health()
        except SQLAlchemyError:
            return JSONResponse({"status": "the database can't be read"}, 503)
        stopped = [
            name
            for name, lives in (
                ("the worker", triage.worker.is_alive),
                ("the dispatcher", triage.dispatcher.is_alive),
            )
            if not lives
        ]
        alive = not stopped
        content = {
            "status": "ok" if alive else f"{' and '.join(stopped)} stopped",
            "jobs": {state.value: count for state, count in depth.items()},
            "last_heartbeat": last.isoformat() if last else None,
            # a destination that is down makes no triage ill: what it shall show waits
            "destinations": destinations,
        }
        return JSONResponse(content, 200 if alive else 503)

    return health


def _metrics(triage: Triage) -> Callable[[], Response]:
    def metrics() -> Response:
        with suppress(SQLAlchemyError):
            triage.metrics.tell_destinations(triage.dispatcher.health())
        text = triage.metrics.exposition(
            triage.queue.depth,
            triage.heartbeats.last,
            lambda: triage.worker.is_alive,
            triage.queue.oldest_due_seconds,
            lambda: triage.storms.is_active,
            triage.feedback.counts,
        )
        return Response(text, media_type=_EXPOSITION)

    return metrics
