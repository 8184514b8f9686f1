"""The door for senders: who they are first, then the body, then the store, and only then the answer.

Alertmanager tries again only after a 5xx and drops what is answered 4xx. So a body that is too large is
answered 503: Alertmanager keeps it and says so in its own metrics, and the owner raises the limit or sets
``max_alerts``. A 4xx is kept for what no retry can mend: a sender that can't show who it is and a body that
is not what it should be. argocd-notifications does the same.
"""

from __future__ import annotations

import asyncio
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
from triage.errors import InvalidPayload, StoreOverloaded
from triage.senders.alertmanager import parse_webhook
from triage.senders.argocd import parse_argocd
from triage.senders.drift import parse_drift
from triage.store.failures import FailureKind, kind_of
from triage.web.client_certificate import has_client_certificate

#: the routes under ``/webhooks``, as the metrics name them
ENDPOINTS = frozenset({"alertmanager", "argocd", "drift", "github", "heartbeat"})

#: reads a body, or raises InvalidPayload; None for what is none of our business
Parse = Callable[[bytes], AlertBatch | Recovery | None]

#: a larger body is read beside the event loop, since others wait meanwhile
_QUICK_BYTES = 16 << 10

_log = structlog.stdlib.get_logger()


def webhook_routes(triage: Triage) -> APIRouter:
    """The routes under ``/webhooks``."""
    router = APIRouter(prefix="/webhooks")

    @router.post("/alertmanager", status_code=202)
    async def alertmanager(request: Request) -> JSONResponse:  # pyright: ignore[reportUnusedFunction]
        return await take(triage, parse_webhook, await _authorised_body(request, triage))

    @router.post("/argocd", status_code=202)
    async def argocd(request: Request) -> JSONResponse:  # pyright: ignore[reportUnusedFunction]
        return await take(triage, _argocd_at(triage.clock()), await _authorised_body(request, triage))

    @router.post("/drift", status_code=202)
    async def drift(request: Request) -> JSONResponse:  # pyright: ignore[reportUnusedFunction]
        return await take(triage, parse_drift, await _authorised_body(request, triage))

    @router.post("/heartbeat", status_code=202)
    async def heartbeat(request: Request) -> JSONResponse:  # pyright: ignore[reportUnusedFunction]
        await _authorised_body(request, triage)
        return await run_in_threadpool(_take_heartbeat, triage)

    return router


async def take(triage: Triage, parse: Parse, content: bytes) -> JSONResponse:
    """Read a body that is known to be its sender's, and answer when what it says is stored."""
    try:
        delivery = parse(content) if len(content) <= _QUICK_BYTES else await run_in_threadpool(parse, content)
    except InvalidPayload as error:
        return JSONResponse({"detail": str(error)}, 400)
    if delivery is None:
        return ignored("it tells neither of a failure nor of a recovery")
    try:
        receipt = await asyncio.wrap_future(triage.intake.submit(delivery))
    except StoreOverloaded as error:
        return _not_stored(triage, FailureKind.OVERLOADED, str(error))
    except (SQLAlchemyError, ValueError, OSError) as error:
        return _not_stored(triage, kind_of(error), "the alerts could not be stored; send them again.")
    triage.metrics.alerts.labels("new").inc(receipt.accepted)
    triage.metrics.alerts.labels("duplicate").inc(receipt.duplicates)
    triage.worker.wake()
    counts = {"accepted": receipt.accepted, "duplicates": receipt.duplicates}
    return JSONResponse({**counts, "incidents": list(receipt.incident_ids)}, 202)


def ignored(why: str) -> JSONResponse:
    """Taken, so that nobody sends it again, and forgotten."""
    return JSONResponse({"ignored": why}, 202)


async def _authorised_body(request: Request, triage: Triage) -> bytes:
    """The body of a call whose sender showed who it is; without it nothing of the body is read."""
    if not has_client_certificate(request) and not _shows_token(request, triage.token):
        raise HTTPException(401, "a valid bearer token is required.", {"WWW-Authenticate": "Bearer"})
    return await read_bounded(request, triage.most_body_bytes)


def _shows_token(request: Request, token: str) -> bool:
    shown = request.headers.get("authorization", "").encode()
    # without a token to compare with, nobody has the right one
    return bool(token) and secrets.compare_digest(shown, f"Bearer {token}".encode())


def _argocd_at(now: datetime) -> Parse:
    return lambda content: parse_argocd(content, now)


def _take_heartbeat(triage: Triage) -> JSONResponse:
    try:
        triage.heartbeats.record()
    except SQLAlchemyError as error:
        return _not_stored(triage, kind_of(error), "the heartbeat could not be stored; send it again.")
    return JSONResponse({"accepted": 1}, 202)


def _not_stored(triage: Triage, kind: FailureKind, told: str) -> JSONResponse:
    triage.metrics.intake_failures.labels(kind.value).inc()
    _log.error("intake_failed", kind=kind.value)
    return JSONResponse({"detail": told}, 503)


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
