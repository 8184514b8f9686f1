"""What Prometheus, Alertmanager and triage say, read over their APIs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import httpx

_TIMEOUT_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert as Prometheus sees it."""

    name: str
    state: str
    value: float


@dataclass(frozen=True, slots=True)
class Incident:
    """One incident as triage tells it."""

    id: str
    status: str
    report_path: str
    first_cause: str
    markdown: str


def alert_in_prometheus(prometheus_url: str, name: str, model: str) -> Alert | None:
    """The alert ``name`` of ``model`` while it is pending or firing."""
    for alert in _get(f"{prometheus_url}/api/v1/alerts")["data"]["alerts"]:
        labels = alert["labels"]
        if labels.get("alertname") == name and labels.get("model") == model:
            return Alert(name, alert["state"], float(alert["value"]))
    return None


def p95_seconds(prometheus_url: str, model: str, window: str) -> float | None:
    """The model's 95th percentile of latency over ``window`` (such as ``30s``), when there was traffic."""
    query = (
        "histogram_quantile(0.95, sum by (le) (rate("
        f'homeostat_inference_latency_seconds_bucket{{model="{model}"}}[{window}])))'
    )
    found = _get(f"{prometheus_url}/api/v1/query", query=query)["data"]["result"]
    value = float(found[0]["value"][1]) if found else float("nan")
    return value if value == value else None  # noqa: PLR0124 - NaN means no traffic in the window


def _get(url: str, **parameters: str) -> Any:
    response = httpx.get(url, params=parameters, timeout=_TIMEOUT_SECONDS, trust_env=False)
    response.raise_for_status()
    return cast("Any", response.json())
