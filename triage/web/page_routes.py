"""What people read: the list of incidents and each report, as pages; programs get text in their place."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import APIRouter, Request
from fastapi.responses import Response

from triage.bootstrap import Triage
from triage.overview import listing
from triage.report.page import Said, to_html
from triage.store.browsing import Shown, Wanted, browse
from triage.web.answers import page, plain, wants_page
from triage.web.incident_routes import found, markdown_of
from triage.web.pages import list_page, waiting_page

_MOST_TEXT_CHARACTERS = 200
_MOST_PAGES = 100_000


def page_routes(triage: Triage) -> APIRouter:
    """The routes; they follow those of programs, whose addresses are longer."""
    router = APIRouter()
    store = triage.store

    @router.get("/")
    def front(request: Request) -> Response:  # pyright: ignore[reportUnusedFunction]
        if not wants_page(request):
            return plain(listing(store.latest()), "text/plain; charset=utf-8")
        wanted = wanted_by(request.query_params)
        listed = browse(triage.engine, wanted)
        judged = triage.feedback.latest([row.incident.id for row in listed.rows])
        return page(list_page(listed, wanted, judged, triage.clock()))

    @router.get("/incidents/{incident_id}.html")
    def file(incident_id: str) -> Response:  # pyright: ignore[reportUnusedFunction]
        report = found(store.report(incident_id), incident_id, "report yet")
        return page(to_html(report, store.evidence(incident_id)))

    @router.get("/incidents/{incident_id}")
    def report(incident_id: str, request: Request) -> Response:  # pyright: ignore[reportUnusedFunction]
        if wants_page(request):
            return page(_report_page(triage, incident_id))
        return markdown_of(store, incident_id)

    return router


def wanted_by(parameters: Mapping[str, str]) -> Wanted:
    """What the query asks for; what makes no sense is as if it were not there."""
    shown = parameters.get("status", "")
    number = parameters.get("page", "")[:9]
    return Wanted(
        shown=Shown(shown) if shown in set(Shown) else Shown.ALL,
        text=" ".join(parameters.get("q", "").replace("\0", " ")[:_MOST_TEXT_CHARACTERS].split()),
        page=min(max(1, int(number)), _MOST_PAGES) if number.isascii() and number.isdigit() else 1,
    )


def _report_page(triage: Triage, incident_id: str) -> str:
    report = triage.store.report(incident_id)
    if report is None:
        return waiting_page(triage.store.read(incident_id), triage.store.digest_of(incident_id))
    alike = triage.feedback.latest([one.incident_id for one in report.similar])
    said = Said(triage.feedback.of(incident_id), alike)
    return to_html(report, triage.store.evidence(incident_id), said)
