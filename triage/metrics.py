"""What triage tells Prometheus about itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from triage.queue.job import JobState


class TriageMetrics:
    """One registry for each app, so that two in one process don't mix."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self.requests = Counter(
            "homeostat_triage_webhook_requests", "Webhook calls by endpoint and status code.",
            ["endpoint", "code"], registry=self._registry,
        )  # fmt: skip
        self.alerts = Counter(
            "homeostat_triage_alerts", "Alerts that were accepted, new or duplicate.",
            ["outcome"], registry=self._registry,
        )  # fmt: skip
        self.evidence = Counter(
            "homeostat_triage_evidence_items", "Items of evidence by how their gathering went.",
            ["status"], registry=self._registry,
        )  # fmt: skip
        self.analyst_failures = Counter(
            "homeostat_triage_analyst_failures", "Analyses that an analyst could not give.",
            ["analyst"], registry=self._registry,
        )  # fmt: skip
        self.reports = Counter(
            "homeostat_triage_reports", "Reports that were written or updated.", registry=self._registry
        )
        self.analysis_seconds = Histogram(
            "homeostat_triage_analysis_seconds", "From the start of gathering to the finished analysis.",
            buckets=(0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 120), registry=self._registry,
        )  # fmt: skip
        self._jobs = Gauge(
            "homeostat_triage_jobs", "Jobs in the queue by state.", ["state"], registry=self._registry
        )
        self._heartbeat = Gauge(
            "homeostat_triage_heartbeat_timestamp_seconds",
            "When the alerting chain was last heard; 0 is never.",
            registry=self._registry,
        )  # fmt: skip
        self._worker = Gauge(
            "homeostat_triage_worker_up", "Whether the worker's loop runs.", registry=self._registry
        )

    def exposition(
        self,
        depth: Callable[[], Mapping[JobState, int]],
        heartbeat: Callable[[], datetime | None],
        worker_alive: Callable[[], bool],
    ) -> bytes:
        """The text of a scrape, with the state of the queue at this moment."""
        for state, count in depth().items():
            self._jobs.labels(state.value).set(count)
        last = heartbeat()
        self._heartbeat.set(last.timestamp() if last else 0)
        self._worker.set(worker_alive())
        return generate_latest(self._registry)
