"""An incident as the API and the command line show it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from triage.incident import Incident
from triage.store.incidents import IncidentStore


def overview(incident: Incident) -> Mapping[str, Any]:
    """One incident in a list."""
    alert = incident.primary
    return {
        "id": incident.id,
        "status": incident.status.value,
        "alertname": alert.name,
        "model": alert.labels.get("model", ""),
        "subject": alert.subject,
        "severity": alert.labels.get("severity", ""),
        "started_at": incident.started_at.isoformat(),
        "resolved_at": incident.resolved_at.isoformat() if incident.resolved_at else None,
    }


def listing(incidents: Sequence[Incident]) -> str:
    """The incidents for a person with a browser: a line each, and where its report is."""
    lines = [
        f"{incident.started_at:%Y-%m-%d %H:%M} UTC  {incident.status.value:9} {incident.primary.name}"
        f"  {incident.primary.subject}  /incidents/{incident.id}"
        for incident in incidents
    ]
    return "\n".join(lines or ["No incident so far."]) + "\n"


def details_of(store: IncidentStore, incident_id: str) -> Mapping[str, Any]:
    """One incident with its report and evidence; ``report`` is null until the analysis is done.

    Raises:
        UnknownIncident: when there is none.
    """
    incident = store.read(incident_id)
    report = store.report(incident_id)
    return {
        **overview(incident),
        "report": report.model_dump(mode="json") if report else None,
        "evidence": [item.model_dump(mode="json") for item in store.evidence(incident_id)],
    }
