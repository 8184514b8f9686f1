"""Answers that a browser may show: each says what the page may do, and that nobody else may frame it."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import Request
from fastapi.responses import HTMLResponse, JSONResponse, Response

from triage.report.html import policy
from triage.web.negotiation import prefers_html
from triage.web.pages import problem_page

_SAFE: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    # same-origin, not no-referrer: with the latter a form of our own page would not name its origin
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-cache",
    "Vary": "Accept",
}


def wants_page(request: Request) -> bool:
    """Whether a person's browser asks."""
    return prefers_html(request.headers.get("accept", ""))


def page(content: str, status: int = 200) -> HTMLResponse:
    """One of our pages."""
    return HTMLResponse(
        content,
        status,
        {**_SAFE, "Content-Security-Policy": policy(forms="'self'") + "; frame-ancestors 'none'"},
    )


def plain(content: str, media_type: str, status: int = 200) -> Response:
    """Text or a picture for a program; should a browser open it, it may do nothing."""
    return Response(
        content,
        status,
        {**_SAFE, "Content-Security-Policy": "default-src 'none'"},
        media_type,
    )


def problem(request: Request, status: int, sentence: str) -> Response:
    """Why there is no answer: a page for a person, JSON for a program."""
    if wants_page(request):
        return page(problem_page(status, sentence), status)
    return JSONResponse({"detail": sentence}, status)
