"""What programs read: incidents as JSON, reports as Markdown, plots as SVG."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from fastapi import APIRouter
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from triage.overview import details_of, overview
from triage.store.incidents import IncidentStore
from triage.web.answers import plain

T = TypeVar("T")


def incident_routes(store: IncidentStore) -> APIRouter:
    """The reading routes; handlers are plain functions, so they run beside the event loop."""
    router = APIRouter()

    @router.get("/api/incidents")
    def incidents() -> Mapping[str, Any]:  # pyright: ignore[reportUnusedFunction]
        return {"incidents": [overview(incident) for incident in store.latest()]}

    @router.get("/api/incidents/{incident_id}")
    def incident(incident_id: str) -> Mapping[str, Any]:  # pyright: ignore[reportUnusedFunction]
        return details_of(store, incident_id)

    @router.get("/api/incidents/{incident_id}/plot.svg")
    def plot(incident_id: str) -> Response:  # pyright: ignore[reportUnusedFunction]
        return plain(found(store.plot(incident_id), incident_id, "plot"), "image/svg+xml")

    @router.get("/incidents/{incident_id}.md")
    def markdown(incident_id: str) -> Response:  # pyright: ignore[reportUnusedFunction]
        return markdown_of(store, incident_id)

    return router


def markdown_of(store: IncidentStore, incident_id: str) -> Response:
    """The report as text.

    Raises:
        HTTPException: 404 when there is none.
    """
    return plain(
        found(store.markdown(incident_id), incident_id, "report yet"), "text/markdown; charset=utf-8"
    )


def found(content: T | None, incident_id: str, what: str) -> T:
    """``content``, if there is any.

    Raises:
        HTTPException: 404 that names what is missing.
    """
    if content is None:
        raise HTTPException(404, f"incident '{incident_id}' has no {what}.")
    return content
