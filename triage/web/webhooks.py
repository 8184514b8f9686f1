"""The door for senders: bearer token first, then the body, then the store, and only then the answer.

Alertmanager tries again only after a 5xx and drops what is answered 4xx. So a body that is too large is
answered 503: Alertmanager keeps it and says so in its own metrics, and the owner raises the limit or sets
``max_alerts``. A 4xx is kept for what no retry can mend: a missing token and a body that is not what it
should be. argocd-notifications does the same.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime

import structlog
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from triage.alert import AlertBatch, Recovery
from triage.bootstrap import Triage
from triage.errors import InvalidPayload
from triage.senders.alertmanager import parse_webhook
from triage.senders.argocd import parse_argocd

#: the routes under ``/webhooks``, as the metrics name them
ENDPOINTS = frozenset({"alertmanager", "argocd", "heartbeat"})

#: reads a body, or raises InvalidPayload
Parse = Callable[[bytes], AlertBatch | Recovery]

_log = structlog.stdlib.get_logger()


def webhook_routes(triage: Triage) -> APIRouter:
    """The routes under ``/webhooks``."""
    router = APIRouter(prefix="/webhooks")

    @router.post("/alertmanager", status_code=202)
    async def alertmanager(request: Request) -> JSONResponse:  # pyright: ignore[reportUnusedFunction]
        content = await _authorised_body(request, triage)
        return await run_in_threadpool(_take_alerts, triage, parse_webhook, content)

    @router.post("/argocd", status_code=202)
    async def argocd(request: Request) -> JSONResponse:  # pyright: ignore[reportUnusedFunction]
        content = await _authorised_body(request, triage)
        return await run_in_threadpool(_take_alerts, triage, _argocd_at(triage.clock()), content)

    @router.post("/heartbeat", status_code=202)
    async def heartbeat(request: Request) -> JSONResponse:  # pyright: ignore[reportUnusedFunction]
        await _authorised_body(request, triage)
        return await run_in_threadpool(_take_heartbeat, triage)

    return router


async def _authorised_body(request: Request, triage: Triage) -> bytes:
    """The body of a call that shows the token; without it nothing of the body is read."""
    shown = request.headers.get("authorization", "").encode()
    if not secrets.compare_digest(shown, f"Bearer {triage.token}".encode()):
        raise HTTPException(401, "a valid bearer token is required.", {"WWW-Authenticate": "Bearer"})
    return await read_bounded(request, triage.most_body_bytes)


def _argocd_at(now: datetime) -> Parse:
    return lambda content: parse_argocd(content, now)


def _take_alerts(triage: Triage, parse: Parse, content: bytes) -> JSONResponse:
    try:
        receipt = triage.intake.take(parse(content))
    except InvalidPayload as error:
        return JSONResponse({"detail": str(error)}, 400)
    except SQLAlchemyError as error:
        _log.error("intake_failed", error=type(error).__name__)
        return JSONResponse({"detail": "the alerts could not be stored; send them again."}, 503)
    triage.metrics.alerts.labels("new").inc(receipt.accepted)
    triage.metrics.alerts.labels("duplicate").inc(receipt.duplicates)
    triage.worker.wake()
    counts = {"accepted": receipt.accepted, "duplicates": receipt.duplicates}
    return JSONResponse({**counts, "incidents": list(receipt.incident_ids)}, 202)


def _take_heartbeat(triage: Triage) -> JSONResponse:
    try:
        triage.heartbeats.record()
    except SQLAlchemyError as error:
        _log.error("heartbeat_failed", error=type(error).__name__)
        return JSONResponse({"detail": "the heartbeat could not be stored; send it again."}, 503)
    return JSONResponse({"accepted": 1}, 202)


async def read_bounded(request: Request, most_bytes: int) -> bytes:
    """The body, or 503 as soon as it is larger than ``most_bytes``.

    Raises:
        HTTPException: see the module's docstring for why not 413.
    """
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > most_bytes:
            raise HTTPException(
                503, f"the body is larger than {most_bytes} bytes; set max_alerts or raise the limit."
            )
    return bytes(content)
