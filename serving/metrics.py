"""The numbers that alerts and diagnoses are made of, in a registry of their own.

Labels take values only from what is served here: a client can't make a new time series by inventing names.
"""

from __future__ import annotations

from collections.abc import Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from homeostat.release import Release
from serving.decision import Decision
from serving.observation import Observation, Phase, ProtocolName

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
#: 0.5 is a bound of its own, since that is what the latency alert asks for
LATENCY_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 10.0)
CONFIDENCE_BUCKETS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1.0)
#: stands for every model or version that a client asks for and that is not served here
UNKNOWN = "unknown"


class Metrics:
    """The metrics of one served release."""

    def __init__(self, release: Release) -> None:
        self._model, self._version = release.model, str(release.version)
        self._registry = CollectorRegistry()
        served = ("model", "version")
        self._latency = self._histogram(
            "inference_latency_seconds", "From body to answer.", (*served, "protocol")
        )
        self._phases = self._histogram("inference_phase_seconds", "Parts of an answer.", (*served, "phase"))
        self._requests = self._counter(
            "inference_requests", "Requests by HTTP status.", (*served, "protocol", "status")
        )
        self._predictions = self._counter(
            "predictions", "Rows by predicted class.", (*served, "predicted_class")
        )
        self._confidence = self._histogram(
            "prediction_confidence", "Probability of the answered class.", served, CONFIDENCE_BUCKETS
        )
        self._out_of_range = self._counter(
            "input_out_of_range", "Values outside of the range seen in training.", (*served, "feature")
        )
        self._publish_info(release)

    def answered(self, observation: Observation, status: int) -> None:
        """Count one request to the served model, whatever its outcome."""
        served = (self._model, self._version)
        self._requests.labels(*served, observation.protocol, str(status)).inc()
        self._latency.labels(*served, observation.protocol).observe(observation.duration_seconds())
        for phase, seconds in observation.phases.items():
            self._phases.labels(*served, phase).observe(seconds)

    def strayed(self, protocol: ProtocolName, status: int) -> None:
        """Count one request for a model or version that is not served here."""
        self._requests.labels(UNKNOWN, UNKNOWN, protocol, str(status)).inc()

    def predicted(self, decision: Decision, out_of_range: Mapping[str, int]) -> None:
        """Count what was asked and answered."""
        served = (self._model, self._version)
        for label, count in decision.counts.items():
            self._predictions.labels(*served, label).inc(count)
        confidence = self._confidence.labels(*served)
        for value in decision.confidences.tolist():
            confidence.observe(value)
        for feature, count in out_of_range.items():
            self._out_of_range.labels(*served, feature).inc(count)

    def exposition(self) -> bytes:
        """All of it in Prometheus's text format."""
        return generate_latest(self._registry)

    def _publish_info(self, release: Release) -> None:
        labels = ("model", "version", "model_sha256", "bento_digest", "source_commit")
        info = Gauge("homeostat_model_info", "What is served.", labels, registry=self._registry)
        values = (
            self._model,
            self._version,
            release.model_sha256,
            release.bento_digest,
            release.source_commit,
        )
        info.labels(*values).set(1)
        # Series that exist from the start make rates right from the first event.
        for protocol in ProtocolName:
            self._requests.labels(self._model, self._version, protocol, "200")
            self._latency.labels(self._model, self._version, protocol)
        for phase in Phase:
            self._phases.labels(self._model, self._version, phase)

    def _counter(self, name: str, text: str, labels: tuple[str, ...]) -> Counter:
        return Counter(f"homeostat_{name}", text, labels, registry=self._registry)

    def _histogram(
        self, name: str, text: str, labels: tuple[str, ...], buckets: tuple[float, ...] = LATENCY_BUCKETS
    ) -> Histogram:
        return Histogram(f"homeostat_{name}", text, labels, buckets=buckets, registry=self._registry)
