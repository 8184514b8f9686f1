"""Prometheus's configuration: what it scrapes, the rules, and where alerts go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from alerting.durations import to_text
from alerting.pace import Pace

_SCRAPE_TIMEOUT_MILLISECONDS = 10_000


@dataclass(frozen=True, slots=True)
class PrometheusPlaces:
    """What Prometheus reads from and talks to."""

    #: jobs, as :func:`targets_from_files` and :func:`alerting.kubernetes_jobs.kubernetes_jobs` make them
    scraped: Sequence[Mapping[str, Any]]
    #: files, or patterns of them
    rules: Sequence[Path]
    #: host:port
    alertmanager: str


def prometheus_config(places: PrometheusPlaces, pace: Pace) -> Mapping[str, Any]:
    """The content of ``prometheus.yml``, for Prometheus 2.42 to 3.x."""
    scrape = pace.scrape_milliseconds
    return {
        "global": {
            "scrape_interval": to_text(scrape),
            "scrape_timeout": to_text(min(scrape, _SCRAPE_TIMEOUT_MILLISECONDS)),
            "evaluation_interval": to_text(scrape),
        },
        "rule_files": [str(path) for path in places.rules],
        "alerting": {"alertmanagers": [{"static_configs": [{"targets": [places.alertmanager]}]}]},
        "scrape_configs": list(places.scraped),
    }


def targets_from_files(folder: Path, pace: Pace) -> Mapping[str, Any]:
    """One job over a folder of ``file_sd`` files, one per service: what runs as plain processes."""
    return {
        "job_name": "homeostat",
        # a model server names its model as its target does: one label, no exported_model
        "honor_labels": True,
        "file_sd_configs": [
            {"files": [str(folder / "*.json")], "refresh_interval": to_text(pace.scrape_milliseconds)}
        ],
    }
