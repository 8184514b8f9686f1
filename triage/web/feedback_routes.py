"""What people say of reports: from the buttons of a page or the command line, and as a list for programs.

Who may: on loopback everybody; in a cluster the ingress lets through only people whom it knows.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, quote

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from homeostat.sentences import sentences
from triage.bootstrap import Triage
from triage.report.feedback import Feedback
from triage.web.answers import wants_page
from triage.web.same_origin import is_same_origin

#: a note of a thousand characters, each of them escaped
_MOST_BYTES = 16 << 10
_FORM = "application/x-www-form-urlencoded"


def feedback_routes(triage: Triage) -> APIRouter:
    """The routes."""
    router = APIRouter()

    @router.get("/api/feedback")
    def everything() -> Mapping[str, Any]:  # pyright: ignore[reportUnusedFunction]
        return {"feedback": [one.model_dump(mode="json") for one in triage.feedback.everything()]}

    @router.post("/incidents/{incident_id}/feedback")
    async def give(incident_id: str, request: Request) -> Response:  # pyright: ignore[reportUnusedFunction]
        if not is_same_origin(request.headers):
            raise HTTPException(403, "feedback from another site's page is not taken.")
        feedback = understood(await _form(request))
        given = await run_in_threadpool(triage.feedback.give, incident_id, feedback)
        if wants_page(request):
            # seeing the page again must not send the form again
            return RedirectResponse(f"/incidents/{quote(incident_id, safe='')}#feedback", 303)
        return JSONResponse(given.model_dump(mode="json"), 201)

    return router


def understood(form: Mapping[str, str]) -> Feedback:
    """The form's answer: ``right``, ``right:KIND`` or ``wrong``, with the fields ``cause`` and ``note``.

    Raises:
        HTTPException: 422 with what would be right.
    """
    verdict, _, kind = form.get("answer", "").partition(":")
    cause = kind or (form.get("cause", "").strip() if verdict == "wrong" else "")
    try:
        # browsers send the ends of lines as two characters
        note = form.get("note", "").replace("\r\n", "\n").replace("\0", "").strip()
        return Feedback.model_validate({"verdict": verdict, "cause": cause or None, "note": note})
    except ValidationError as error:
        raise HTTPException(422, " ".join(sentences(error, Feedback))) from None


async def _form(request: Request) -> Mapping[str, str]:
    if request.headers.get("content-type", "").split(";")[0].strip().lower() != _FORM:
        raise HTTPException(415, f"feedback is sent as {_FORM}.")
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > _MOST_BYTES:
            raise HTTPException(413, f"feedback has at most {_MOST_BYTES} bytes.")
    try:
        return dict(parse_qsl(content.decode(), keep_blank_values=True, max_num_fields=8, errors="strict"))
    except ValueError:
        raise HTTPException(400, "the form can't be read.") from None
