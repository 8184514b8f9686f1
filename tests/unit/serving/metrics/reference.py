"""The same metrics as a plain prometheus_client counts them in one process: what the board must equal."""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from homeostat.release import GateResult, Outcome, Release
from serving.bundle import BundleManifest, FeatureSpec, Task
from serving.decision import Decision
from serving.metrics import Refusal
from serving.observation import Observation, Phase, ProtocolName

LATENCY = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 10.0)
CONFIDENCE = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1.0)
ROWS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024)
WAIT = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5)

MANIFEST = BundleManifest(
    model="toy",
    task=Task.MULTICLASS,
    features=(FeatureSpec(name="age"), FeatureSpec(name="visits")),
    classes=(0, 1, 2),
)
RELEASE = Release(
    model="toy",
    version=3,
    model_sha256="0" * 64,
    bento_digest="1" * 64,
    run_id="2" * 32,
    data_sha256="3" * 64,
    inputs_digest="4" * 64,
    source_commit="5" * 40,
    gates=(GateResult(name="g", outcome=Outcome.PASSED, value=1.0, bound=0.0, sentence="Fine."),),
)
SERVED = ("toy", "3")


class Reference:
    """Counts with prometheus_client, whichever worker is told."""

    def __init__(self, workers: int) -> None:
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
            "prediction_confidence", "Probability of the answered class.", served, CONFIDENCE
        )
        self._out_of_range = self._counter(
            "input_out_of_range", "Values outside of the range seen in training.", (*served, "feature")
        )
        self._publish_info()
        for protocol in ProtocolName:
            self._requests.labels(*SERVED, protocol, "200")
            self._latency.labels(*SERVED, protocol)
        for phase in Phase:
            self._phases.labels(*SERVED, phase)
        self._add_newer(workers)

    def _publish_info(self) -> None:
        labels = ("model", "version", "model_sha256", "bento_digest", "source_commit")
        info = Gauge("homeostat_model_info", "What is served.", labels, registry=self._registry)
        info.labels(*SERVED, RELEASE.model_sha256, RELEASE.bento_digest, RELEASE.source_commit).set(1)

    def _add_newer(self, workers: int) -> None:
        served = ("model", "version")
        self._batch_rows = self._histogram("batch_rows", "Rows of one call of the engine.", served, ROWS)
        text = "How long a batch's first request waited for the engine."
        self._batch_wait = self._histogram("batch_wait_seconds", text, served, WAIT)
        text = "Requests that were right and got no prediction."
        self._refused = self._counter("requests_refused", text, (*served, "reason"))
        self._captured = self._counter("capture_rows", "Rows written for drift's sake.", served)
        text = "Rows that were sampled and not written, since the sink was slow or full."
        self._dropped = self._counter("capture_dropped", text, served)
        text = "Explanations by HTTP status."
        self._explained = self._counter("explanations", text, (*served, "status"))
        text = "Lines of the log that were given up, since nobody read them fast enough."
        self._lines = self._counter("log_lines_dropped", text, served)
        self._restarts = self._counter("worker_restarts", "Workers that died and were replaced.", ())
        self._resident = self._gauge("worker_resident_bytes", "Memory of a worker that is in RAM.")
        self._connections = self._gauge("worker_connections", "Connections that a worker holds open.")
        for one in (self._batch_rows, self._batch_wait, self._captured, self._dropped, self._lines):
            one.labels(*SERVED)
        for reason in Refusal:
            self._refused.labels(*SERVED, reason)
        self._explained.labels(*SERVED, "200")
        for worker in range(workers):
            self._resident.labels(worker)
            self._connections.labels(worker)

    def answered(self, _worker: int, observation: Observation, status: int) -> None:
        self._requests.labels(*SERVED, observation.protocol, known(status)).inc()
        self._latency.labels(*SERVED, observation.protocol).observe(observation.duration_seconds())
        for phase, seconds in observation.phases.items():
            self._phases.labels(*SERVED, phase).observe(seconds)

    def strayed(self, _worker: int, protocol: ProtocolName, status: int) -> None:
        self._requests.labels("unknown", "unknown", protocol, known(status)).inc()

    def predicted(self, _worker: int, decision: Decision, out_of_range: Mapping[str, int]) -> None:
        for label, count in Tally(str(decision.classes[index]) for index in decision.chosen).items():
            self._predictions.labels(*SERVED, label).inc(count)
        for row, index in zip(decision.probabilities, decision.chosen, strict=True):
            self._confidence.labels(*SERVED).observe(row[index])
        for feature, count in out_of_range.items():
            self._out_of_range.labels(*SERVED, feature).inc(count)

    def batched(self, _worker: int, _requests: int, rows: int, waited_seconds: float) -> None:
        self._batch_rows.labels(*SERVED).observe(rows)
        self._batch_wait.labels(*SERVED).observe(waited_seconds)

    def refused(self, _worker: int, reason: Refusal) -> None:
        self._refused.labels(*SERVED, reason).inc()

    def explained(self, _worker: int, status: int) -> None:
        self._explained.labels(*SERVED, known(status)).inc()

    def captured(self, _worker: int, rows: int) -> None:
        self._captured.labels(*SERVED).inc(rows)

    def capture_dropped(self, _worker: int, rows: int) -> None:
        self._dropped.labels(*SERVED).inc(rows)

    def log_line_dropped(self, _worker: int) -> None:
        self._lines.labels(*SERVED).inc()

    def resident(self, worker: int, resident_bytes: int) -> None:
        self._resident.labels(worker).set(resident_bytes)

    def connected(self, worker: int, connections: int) -> None:
        self._connections.labels(worker).set(connections)

    def restarted(self, worker: int) -> None:
        self._restarts.inc()
        self._resident.labels(worker).set(0)
        self._connections.labels(worker).set(0)

    def exposition(self) -> bytes:
        return generate_latest(self._registry)

    def _counter(self, name: str, text: str, labels: tuple[str, ...]) -> Counter:
        return Counter(f"homeostat_{name}", text, labels, registry=self._registry)

    def _gauge(self, name: str, text: str) -> Gauge:
        return Gauge(f"homeostat_{name}", text, ("worker",), registry=self._registry)

    def _histogram(
        self, name: str, text: str, labels: tuple[str, ...], buckets: tuple[float, ...] = LATENCY
    ) -> Histogram:
        return Histogram(f"homeostat_{name}", text, labels, buckets=buckets, registry=self._registry)


def known(status: int) -> str:
    named = {*range(100, 104), *range(200, 209), 226, *range(300, 309), *range(400, 419), *range(421, 427)}
    named |= {428, 429, 431, 451, 499, *range(500, 509), 510, 511}
    return str(status) if status in named - {306} else "other"


Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


def told(exposition: bytes) -> tuple[set[tuple[str, str, str]], Samples]:
    """Names, types and texts of the families, and every sample; when it was made is not compared."""
    families = list(text_string_to_metric_families(exposition.decode()))
    samples: Samples = {}
    for family in families:
        for sample in family.samples:
            key = (sample.name, frozenset(sample.labels.items()))
            assert key not in samples, f"{key} is told twice"
            samples[key] = 0.0 if sample.name.endswith("_created") else sample.value
    return {(family.name, family.type, family.documentation) for family in families}, samples
