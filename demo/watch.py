"""What Prometheus, Alertmanager and triage say, read over their APIs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx

from demo.scene import Missing

_TIMEOUT_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Alert:
    """One firing alert and the value that made it fire."""

    name: str
    value: float


@dataclass(frozen=True, slots=True)
class Incident:
    """One incident as triage tells it."""

    id: str
    status: str
    #: the titles of the report's causes, the likeliest first
    causes: tuple[str, ...]


def firing_alert(prometheus_url: str, name: str, model: str) -> Alert | None:
    """The alert ``name`` of ``model``, once Prometheus fires it."""
    for alert in _get(f"{prometheus_url}/api/v1/alerts")["data"]["alerts"]:
        labels = alert["labels"]
        if (labels.get("alertname"), labels.get("model"), alert["state"]) == (name, model, "firing"):
            return Alert(name, float(alert["value"]))
    return None


def incident_about(triage_url: str, alert: str, model: str) -> Incident | None:
    """The newest incident about ``alert`` of ``model``, once its report is written."""
    for listed in _get(f"{triage_url}/api/incidents")["incidents"]:
        if (listed["alertname"], listed["model"]) == (alert, model):
            report = _get(f"{triage_url}/api/incidents/{listed['id']}")["report"]
            return _incident(listed["id"], report) if report else None
    return None


def _incident(identity: str, report: Any) -> Incident:
    return Incident(identity, report["status"], tuple(cause["title"] for cause in report["causes"]))


def _get(url: str, **parameters: str) -> Any:
    try:
        response = httpx.get(url, params=parameters, timeout=_TIMEOUT_SECONDS, trust_env=False)
        response.raise_for_status()
    except httpx.HTTPError as error:
        raise Missing(f"{url} did not answer as it should: {error}.") from error
    return response.json()
