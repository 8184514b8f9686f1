"""Reading incidents for the command line: over HTTP, or from the site's own database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import Engine

from homeostat import atomic
from homeostat.errors import HomeostatError
from homeostat.paths import repository_root, state_directory
from triage.clock import utc_now
from triage.errors import UnknownIncident
from triage.overview import details_of, overview
from triage.report.feedback import GivenFeedback
from triage.report.page import to_html
from triage.store.database import open_database
from triage.store.feedback import FeedbackStore
from triage.store.incidents import IncidentStore


def incidents(url: str | None) -> Sequence[Mapping[str, Any]]:
    """The latest incidents.

    Raises:
        HomeostatError: when the service or the database can't be read.
    """
    if url:
        return _get(url, "/api/incidents").json()["incidents"]
    return [overview(incident) for incident in _store().latest()]


def details(url: str | None, incident_id: str) -> Mapping[str, Any]:
    """One incident with its report and evidence.

    Raises:
        HomeostatError: when it is unknown, or can't be read.
    """
    if url:
        return _get(url, f"/api/incidents/{incident_id}").json()
    return details_of(_store(), incident_id)


def markdown(url: str | None, incident_id: str) -> str:
    """One incident's report.

    Raises:
        HomeostatError: when there is none, or it can't be read.
    """
    if url:
        return _get(url, f"/incidents/{incident_id}").text
    store = _store()
    text = store.markdown(incident_id)
    if text is None:
        store.read(incident_id)
        raise UnknownIncident(f"incident '{incident_id}' has no report yet.")
    return text


def write_page(url: str | None, incident_id: str, file: Path) -> None:
    """Write one incident's report as a page that stands alone.

    Raises:
        HomeostatError: when there is none, it can't be read, or the file can't be written.
    """
    if url:
        content = _get(url, f"/incidents/{incident_id}.html").text
    else:
        store = _store()
        report = store.report(incident_id)
        if report is None:
            store.read(incident_id)
            raise UnknownIncident(f"incident '{incident_id}' has no report yet.")
        content = to_html(report, store.evidence(incident_id))
    try:
        atomic.write_text(file, content)
    except OSError as error:
        raise HomeostatError(f"{file} can't be written: {error.strerror}.") from None


def feedback(url: str | None) -> Sequence[GivenFeedback]:
    """What readers said of reports; nothing where this site has no triage.

    Raises:
        HomeostatError: when the service at ``url`` or the database can't be read.
    """
    if url:
        return [GivenFeedback.model_validate(one) for one in _get(url, "/api/feedback").json()["feedback"]]
    return FeedbackStore(site_database(), utc_now).everything() if _site_file().is_file() else ()


def _get(url: str, path: str) -> httpx.Response:
    try:
        response = httpx.get(f"{url.rstrip('/')}{path}", timeout=10)
    except httpx.HTTPError as error:
        raise HomeostatError(f"triage at {url} can't be reached: {error}.") from None
    if response.status_code == 404:
        raise UnknownIncident(f"triage at {url} has nothing at {path}.")
    if response.is_error:
        raise HomeostatError(f"triage at {url} answered {response.status_code}.")
    return response


def site_database() -> Engine:
    """The database of this site's triage.

    Raises:
        HomeostatError: when there is none.
    """
    file = _site_file()
    if not file.is_file():
        raise HomeostatError(f"there is no {file}: start the platform with 'make up', or give --url.")
    return open_database(f"sqlite:///{file}")


def _site_file() -> Path:
    return state_directory(repository_root()) / "services" / "triage" / "triage.db"


def _store() -> IncidentStore:
    return IncidentStore(site_database())
