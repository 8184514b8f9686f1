"""One request at a time, over HTTPS unless it never leaves the machine."""

from __future__ import annotations

import base64
import http.client
import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

PATIENCE_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered."""

    status: int
    reason: str
    body: bytes

    def document(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


def request(
    method: str,
    url: str,
    context: ssl.SSLContext,
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    seconds: float = PATIENCE_SECONDS,
) -> Answer:
    """Ask once.

    Raises:
        OSError: when nobody answers.
    """
    parts = urlsplit(url)
    connection = connect(url, context, seconds)
    path = f"{parts.path}?{parts.query}" if parts.query else parts.path
    try:
        connection.request(method, path, body, {"Connection": "close", **(headers or {})})
        answer = connection.getresponse()
        return Answer(answer.status, answer.reason, answer.read())
    except http.client.HTTPException as error:
        raise OSError(f"{url}: {error!r}") from None
    finally:
        connection.close()


def connect(url: str, context: ssl.SSLContext, seconds: float) -> http.client.HTTPConnection:
    """A connection to the server of ``url``, encrypted unless it says http."""
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or 443
    if parts.scheme == "http":
        return http.client.HTTPConnection(host, port, timeout=seconds)
    return http.client.HTTPSConnection(host, port, context=context, timeout=seconds)


def trusting(authority: Path | None, certificate: Path | None = None) -> ssl.SSLContext:
    """A client that trusts one authority, or any; ``certificate`` has its key beside it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if authority is None:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    else:
        context.load_verify_locations(authority)
    if certificate is not None:
        context.load_cert_chain(certificate, certificate.with_suffix(".key"))
    return context


def basic(user: str, password: str) -> dict[str, str]:
    """The header of basic authentication."""
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}
