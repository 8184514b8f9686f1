"""One request, asked of an ASGI application in this process, and what matters of the answer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

JSON_LENGTH = "inference-header-content-length"


@dataclass(frozen=True, slots=True)
class Asked:
    """A request."""

    path: str
    content: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    method: str = "POST"


@dataclass(frozen=True, slots=True)
class Answered:
    """Its answer: the JSON, and the bytes behind it."""

    status: int
    content_type: str | None
    document: Any
    behind: bytes

    @property
    def is_error(self) -> bool:
        """Whether it is an error in the protocols' own form."""
        match self.document:
            case {"error": str(sentence)}:
                return self.status >= 400 and bool(sentence) and len(self.document) == 1
            case _:
                return False


def v1(body: object, **headers: str) -> Asked:
    """A V1 prediction."""
    return Asked("/v1/models/toy:predict", json.dumps(body).encode(), _JSON | headers)


def v2(body: object, behind: bytes | None = None, **headers: str) -> Asked:
    """A V2 inference, with ``behind`` after the JSON."""
    text = json.dumps(body).encode()
    if behind is None:
        return Asked("/v2/models/toy/infer", text, _JSON | headers)
    given = {"content-type": "application/octet-stream", JSON_LENGTH: str(len(text))}
    return Asked("/v2/models/toy/infer", text + behind, given | headers)


async def ask(app: Any, asked: Asked) -> Answered:
    """Send ``asked`` to ``app``."""
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://here") as client:
        response = await client.request(
            asked.method, asked.path, content=asked.content, headers=dict(asked.headers)
        )
    length = int(response.headers.get(JSON_LENGTH, len(response.content)))
    return Answered(
        response.status_code,
        response.headers.get("content-type"),
        json.loads(response.content[:length]),
        response.content[length:],
    )


_JSON = {"content-type": "application/json"}
