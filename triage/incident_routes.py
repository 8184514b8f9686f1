"""What people and programs read: incidents as JSON, reports as Markdown, plots as SVG."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter
from fastapi.responses import PlainTextResponse, Response
from starlette.exceptions import HTTPException

from triage.errors import UnknownIncident
from triage.overview import details_of, overview
from triage.store.incidents import IncidentStore


def incident_routes(store: IncidentStore) -> APIRouter:
    """The reading routes; handlers are plain functions, so they run beside the event loop."""
    router = APIRouter()

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
        drawn = store.plot(incident_id)
        if drawn is None:
            raise HTTPException(404, f"incident '{incident_id}' has no plot.")
        return Response(drawn, media_type="image/svg+xml")

    @router.get("/incidents/{incident_id}")
    def markdown(incident_id: str) -> Response:  # pyright: ignore[reportUnusedFunction]
        text = store.markdown(incident_id)
        if text is None:
            raise HTTPException(404, f"incident '{incident_id}' has no report yet.")
        return PlainTextResponse(text, media_type="text/markdown")

    return router
