"""What people and programs read: incidents as JSON, reports as Markdown, plots as SVG."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter
from fastapi.responses import PlainTextResponse, Response
from starlette.exceptions import HTTPException

from triage.errors import UnknownIncident
from triage.overview import details_of, listing, overview
from triage.store.incidents import IncidentStore


def incident_routes(store: IncidentStore) -> APIRouter:
    """The reading routes; handlers are plain functions, so they run beside the event loop."""
    router = APIRouter()

    @router.get("/")
    def front() -> Response:  # pyright: ignore[reportUnusedFunction]
        return PlainTextResponse(listing(store.latest()))

    @router.get("/api/incidents")
    def incidents() -> Mapping[str, Any]:  # pyright: ignore[reportUnusedFunction]
        return {"incidents": [overview(incident) for incident in store.latest()]}

    @router.get("/api/incidents/{incident_id}")
    def incident(incident_id: str) -> Mapping[str, Any]:  # pyright: ignore[reportUnusedFunction]
        try:
            return details_of(store, incident_id)
        except UnknownIncident as error:
            raise HTTPException(404, str(error)) from None

    @router.get("/api/incidents/{incident_id}/plot.svg")
    def plot(incident_id: str) -> Response:  # pyright: ignore[reportUnusedFunction]
        return _found(store.plot(incident_id), f"incident '{incident_id}' has no plot.", "image/svg+xml")

    @router.get("/incidents/{incident_id}")
    def markdown(incident_id: str) -> Response:  # pyright: ignore[reportUnusedFunction]
        missing = f"incident '{incident_id}' has no report yet."
        return _found(store.markdown(incident_id), missing, "text/markdown; charset=utf-8")

    return router


def _found(content: str | bytes | None, missing: str, media_type: str) -> Response:
    if content is None:
        raise HTTPException(404, missing)
    return Response(content, media_type=media_type)
