"""``/webhooks/github``: the signature stands for the sender, so the body is read before its sender is known.

That is why it is bounded more tightly than others', and why a call without a signature of the right form is
turned away before its body. Without a secret nobody can show that he is GitHub: every call is then answered
503, which GitHub shows beside the delivery, and nothing is stored. GitHub does not try again by itself; a
delivery that failed is sent again from there by a person.
"""

from __future__ import annotations

import re

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from triage.bootstrap import Triage
from triage.senders.github import WORKFLOW_RUN, is_signed, parse_github
from triage.web.webhooks import ignored, read_bounded, take

_SIGNATURE = re.compile(r"sha256=[0-9a-f]{64}")
#: far above what a workflow_run has
_MOST_BYTES = 4 << 20


def github_routes(triage: Triage) -> APIRouter:
    """The route for GitHub's deliveries."""
    router = APIRouter(prefix="/webhooks")

    @router.post("/github", status_code=202)
    async def github(request: Request) -> JSONResponse:  # pyright: ignore[reportUnusedFunction]
        body = await _signed_body(request, triage)
        event = request.headers.get("x-github-event", "")
        if event != WORKFLOW_RUN:
            return ignored(f"the event {event[:50] or '(none)'} is not read")
        return await take(triage, parse_github, body)

    return router


async def _signed_body(request: Request, triage: Triage) -> bytes:
    if not triage.github_secret:
        raise HTTPException(503, "TRIAGE_GITHUB_SECRET_FILE is not set, so no delivery can be trusted.")
    signature = request.headers.get("x-hub-signature-256", "")
    if not _SIGNATURE.fullmatch(signature):
        raise HTTPException(401, "the header X-Hub-Signature-256 with a signature is required.")
    body = await read_bounded(request, min(triage.most_body_bytes, _MOST_BYTES))
    if not is_signed(body, signature, triage.github_secret):
        raise HTTPException(401, "the signature is not of this body with our secret.")
    return body
