"""What triage tells Prometheus about itself."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from sqlalchemy.exc import SQLAlchemyError

from triage.analysts.analysis import Usage
from triage.breaker import BreakerState
from triage.destinations.destination import Outcome
from triage.queue.job import JobState
from triage.report.feedback import Verdict
from triage.store.failures import FailureKind


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
        self.model_calls = Counter(
            "homeostat_triage_language_model_calls", "Calls of language models.", registry=self._registry
        )
        self.model_tokens = Counter(
            "homeostat_triage_language_model_tokens", "Tokens that language models read and wrote.",
            ["direction"], registry=self._registry,
        )  # fmt: skip
        self.model_cost = Counter(
            "homeostat_triage_language_model_cost_usd", "What that cost by the prices in the settings.",
            registry=self._registry,
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
        self.intake_failures = Counter(
            "homeostat_triage_intake_failures", "Calls that could not be stored, by what was in the way.",
            ["kind"], registry=self._registry,
        )  # fmt: skip
        for kind in FailureKind:
            # an alert compares with what was before the first failure
            self.intake_failures.labels(kind.value)
        self._oldest_due = Gauge(
            "homeostat_triage_oldest_due_job_seconds", "For how long the job that is due longest waits.",
            registry=self._registry,
        )  # fmt: skip
        self._storm = Gauge(
            "homeostat_triage_storm_active", "Whether too many groups began at once.", registry=self._registry
        )
        self._feedback = Gauge(
            "homeostat_triage_feedback", "Incidents that people judged, by their last word.",
            ["verdict"], registry=self._registry,
        )  # fmt: skip
        self.retrainings = Counter(
            "homeostat_triage_retrainings", "Decisions about training a model again, by what came of them.",
            ["outcome"], registry=self._registry,
        )  # fmt: skip
        self.deliveries = Counter(
            "homeostat_triage_deliveries", "Attempts to show a report somewhere, by what came of them.",
            ["destination", "outcome"], registry=self._registry,
        )  # fmt: skip
        self._pending = Gauge(
            "homeostat_triage_deliveries_pending", "Reports that a destination does not show yet.",
            ["destination"], registry=self._registry,
        )  # fmt: skip
        self._dead = Gauge(
            "homeostat_triage_deliveries_dead", "Reports that a destination was given up for.",
            ["destination"], registry=self._registry,
        )  # fmt: skip
        self._oldest_delivery = Gauge(
            "homeostat_triage_oldest_delivery_seconds", "For how long the oldest of them waits.",
            ["destination"], registry=self._registry,
        )  # fmt: skip
        self._breaker = Gauge(
            "homeostat_triage_destination_breaker", "1 for the state of a destination's circuit breaker.",
            ["destination", "state"], registry=self._registry,
        )  # fmt: skip
        self._worker = Gauge(
            "homeostat_triage_worker_up", "Whether the worker's loop runs.", registry=self._registry
        )

    def delivered(self, destination: str, outcome: Outcome) -> None:
        """Count one attempt."""
        self.deliveries.labels(destination, outcome.value).inc()

    def retrained(self, outcome: str) -> None:
        """Count one decision, or what came of it."""
        self.retrainings.labels(outcome).inc()

    def tell_destinations(self, health: Mapping[str, Mapping[str, Any]]) -> None:
        """Take over what ``/healthz`` says of each destination at this moment."""
        for name, told in health.items():
            self._pending.labels(name).set(told["pending"])
            self._dead.labels(name).set(told["dead"])
            self._oldest_delivery.labels(name).set(told["oldest_seconds"])
            for state in BreakerState:
                self._breaker.labels(name, state.value).set(told["breaker"] == state.value)

    def count_usage(self, usage: Usage) -> None:
        """Add what one analysis took of a language model."""
        self.model_calls.inc(usage.calls)
        self.model_tokens.labels("read").inc(usage.input_tokens)
        self.model_tokens.labels("written").inc(usage.output_tokens)
        self.model_cost.inc(usage.cost_usd)

    def exposition(
        self,
        depth: Callable[[], Mapping[JobState, int]],
        heartbeat: Callable[[], datetime | None],
        worker_alive: Callable[[], bool],
        oldest_due: Callable[[], float] = lambda: 0.0,
        storm_active: Callable[[], bool] = lambda: False,
        feedback: Callable[[], Mapping[Verdict, int]] = dict,
    ) -> bytes:
        """The text of a scrape, with the state of the queue at this moment."""
        try:
            for state, count in depth().items():
                self._jobs.labels(state.value).set(count)
            last = heartbeat()
            self._heartbeat.set(last.timestamp() if last else 0)
            self._oldest_due.set(oldest_due())
            self._storm.set(storm_active())
            for verdict, count in feedback().items():
                self._feedback.labels(verdict.value).set(count)
        except SQLAlchemyError:
            # what can't be known is left out; that it can't be, the other series tell
            self._jobs.clear()
            self._oldest_due.set(math.nan)
        self._worker.set(worker_alive())
        return generate_latest(self._registry)
