"""The service that the proxy asks, as Traefik's forwardAuth does: 200 with the holder's name, or no.

It fails closed: without readable keys it answers 503, and the proxy passes nothing on.
"""

from __future__ import annotations

import structlog
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from serving.api_keys.keys import KeyFile, KeysUnreadable, holder

#: what the proxy hands on instead of the key, and counts requests by
NAME_HEADER = "X-API-Key-Name"
MISSING = "send an API key as 'Authorization: Bearer KEY' or as 'X-API-Key: KEY'."
UNKNOWN = "the API key is not known; it may have been revoked."
UNREADABLE = "no API key can be checked at the moment."
#: longer ones are not even hashed
_MOST_CHARACTERS = 512

_log = structlog.get_logger(__name__)


def create_app(file: KeyFile) -> Starlette:
    """The application, with the keys of ``file``."""
    registry = CollectorRegistry()
    requests = Counter(
        "homeostat_api_key_requests",
        "Requests from outside by the holder of their key (none, when it was refused) and the answer",
        ["holder", "status"],
        registry=registry,
    )
    known = Gauge(
        "homeostat_api_keys", "Keys that are let in; 0 when the file can't be read", registry=registry
    )

    def verify(request: Request) -> Response:
        answer, name = _judge(request, file)
        requests.labels(name or "none", str(answer.status_code)).inc()
        return answer

    def health(_request: Request) -> Response:
        try:
            count = len(file.keys())
        except KeysUnreadable as reason:
            return PlainTextResponse(f"{reason}\n", 503)
        return PlainTextResponse(f"{count} keys\n")

    def metrics(_request: Request) -> Response:
        known.set(_count(file))
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    return Starlette(
        routes=[Route("/verify", verify), Route("/healthz", health), Route("/metrics", metrics)],
    )


def _judge(request: Request, file: KeyFile) -> tuple[Response, str | None]:
    """The answer, and who asked if that is known."""
    presented = presented_key(request)
    if presented is None:
        return _refusal(MISSING, 401), None
    try:
        name = holder(presented, file.keys())
    except KeysUnreadable as reason:
        _log.error("api_keys_unreadable", reason=str(reason))
        return _refusal(UNREADABLE, 503), None
    if name is None:
        return _refusal(UNKNOWN, 401), None
    return Response(status_code=200, headers={NAME_HEADER: name}), name


def presented_key(request: Request) -> str | None:
    """The one key that the request carries; None when it carries none or two different ones."""
    scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
    presented = {
        bearer.strip() if scheme.lower() == "bearer" else "",
        request.headers.get("x-api-key", "").strip(),
    }
    presented.discard("")
    key = presented.pop() if len(presented) == 1 else None
    return key if key is not None and len(key) <= _MOST_CHARACTERS else None


def _refusal(reason: str, status: int) -> Response:
    headers = {"WWW-Authenticate": 'Bearer realm="homeostat"'} if status == 401 else {"Retry-After": "10"}
    return JSONResponse({"error": reason}, status, headers=headers)


def _count(file: KeyFile) -> int:
    try:
        return len(file.keys())
    except KeysUnreadable:
        return 0
