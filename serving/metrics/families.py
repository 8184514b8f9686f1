"""Every series that a model server can export: names, labels and buckets.

Labels take values only from what is served here, its model's classes and features, and HTTP's own statuses:
a client can't make a new time series by inventing names. Alerts, dashboards and diagnoses know these names.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum, StrEnum
from http import HTTPStatus
from itertools import product

from homeostat.release import Release
from serving.bundle import BundleManifest
from serving.observation import Phase, ProtocolName

#: 0.5 is a bound of its own, since that is what the latency alert asks for
LATENCY_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 10.0)
CONFIDENCE_BUCKETS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1.0)
ROWS_BUCKETS = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0, 1024.0)
#: rows wait for less than one call of the engine, unless there are more than it can take
WAIT_BUCKETS = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0)
#: stands for every model or version that a client asks for and that is not served here
UNKNOWN = "unknown"
#: stands for every status that HTTP does not name
OTHER = "other"
#: HTTP's own, and nginx's for a client that left before its answer
STATUSES = (*(int(status) for status in HTTPStatus), 499)


class Refusal(StrEnum):
    """Why a request that was right got no prediction."""

    #: the queue was full
    OVERLOADED = "overloaded"
    #: its deadline passed while it waited
    DEADLINE = "deadline"
    #: its client left while it waited
    LEFT = "left"


class Kind(Enum):
    """What a family's numbers are, and so how many of them a series has and how workers' are put together."""

    COUNTER = "counter"
    HISTOGRAM = "histogram"
    #: of each worker for itself, told apart by the label ``worker``
    WORKER_GAUGE = "worker gauge"
    #: always 1: its labels are what it says
    FACT = "fact"


Labels = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Family:
    """One metric with all the series that it can ever have, each given by the values of its labels."""

    name: str
    text: str
    kind: Kind
    labels: Labels
    #: exported before their first event, which makes rates right from it on
    from_start: Sequence[Labels]
    #: exported from their first event on
    later: Sequence[Labels] = ()
    #: a histogram's upper bounds, without infinity
    bounds: tuple[float, ...] = ()


def families_of(release: Release, manifest: BundleManifest) -> Iterable[Family]:
    """The metrics of one served release."""
    served = (release.model, str(release.version))
    yield from _of_requests(served)
    yield from _of_predictions(served, manifest)
    identity = (*served, release.model_sha256, release.bento_digest, release.source_commit)
    labels = ("model", "version", "model_sha256", "bento_digest", "source_commit")
    yield Family("homeostat_model_info", "What is served.", Kind.FACT, labels, [identity])
    yield from _of_batches(served)
    yield from _of_side_work(served)
    yield from _of_workers()


def _of_requests(served: Labels) -> Iterable[Family]:
    latency, counter = "homeostat_inference_latency_seconds", "homeostat_inference_requests"
    by_protocol = [(*served, protocol.value) for protocol in ProtocolName]
    yield _histogram(latency, "From body to answer.", ("protocol",), by_protocol)
    by_phase = [(*served, phase.value) for phase in Phase]
    yield _histogram("homeostat_inference_phase_seconds", "Parts of an answer.", ("phase",), by_phase)
    statuses = [*map(str, STATUSES), OTHER]
    answered = [(*one, "200") for one in by_protocol]
    asked = [*by_protocol, *((UNKNOWN, UNKNOWN, protocol.value) for protocol in ProtocolName)]
    every = [(*one, status) for one, status in product(asked, statuses)]
    later = [values for values in every if values not in answered]
    yield _counter(counter, "Requests by HTTP status.", ("protocol", "status"), answered, later)


def _of_predictions(served: Labels, manifest: BundleManifest) -> Iterable[Family]:
    classes = [(*served, str(label)) for label in manifest.classes]
    yield _counter("homeostat_predictions", "Rows by predicted class.", ("predicted_class",), [], classes)
    yield Family(
        "homeostat_prediction_confidence",
        "Probability of the answered class.",
        Kind.HISTOGRAM,
        ("model", "version"),
        from_start=[],
        later=[served],
        bounds=CONFIDENCE_BUCKETS,
    )
    features = [(*served, name) for name in manifest.feature_names]
    text = "Values outside of the range seen in training."
    yield _counter("homeostat_input_out_of_range", text, ("feature",), [], features)


def _of_batches(served: Labels) -> Iterable[Family]:
    text = "Rows of one call of the engine."
    yield _histogram("homeostat_batch_rows", text, (), [served], ROWS_BUCKETS)
    text = "How long a batch's first request waited for the engine."
    yield _histogram("homeostat_batch_wait_seconds", text, (), [served], WAIT_BUCKETS)
    reasons = [(*served, reason.value) for reason in Refusal]
    text = "Requests that were right and got no prediction."
    yield _counter("homeostat_requests_refused", text, ("reason",), reasons)


def _of_side_work(served: Labels) -> Iterable[Family]:
    yield _counter("homeostat_capture_rows", "Rows written for drift's sake.", (), [served])
    text = "Rows that were sampled and not written, since the sink was slow or full."
    yield _counter("homeostat_capture_dropped", text, (), [served])
    statuses = [(*served, str(status)) for status in (*STATUSES, OTHER)]
    explained = (*served, "200")
    later = [values for values in statuses if values != explained]
    yield _counter("homeostat_explanations", "Explanations by HTTP status.", ("status",), [explained], later)
    text = "Lines of the log that were given up, since nobody read them fast enough."
    yield _counter("homeostat_log_lines_dropped", text, (), [served])


def _of_workers() -> Iterable[Family]:
    text = "Workers that died and were replaced."
    yield Family("homeostat_worker_restarts", text, Kind.COUNTER, (), [()])
    text = "Memory of a worker that is in RAM."
    yield Family("homeostat_worker_resident_bytes", text, Kind.WORKER_GAUGE, ("worker",), [()])
    text = "Connections that a worker holds open."
    yield Family("homeostat_worker_connections", text, Kind.WORKER_GAUGE, ("worker",), [()])


def _counter(
    name: str, text: str, labels: Labels, from_start: Sequence[Labels], later: Sequence[Labels] = ()
) -> Family:
    return Family(name, text, Kind.COUNTER, ("model", "version", *labels), from_start, later)


def _histogram(
    name: str,
    text: str,
    labels: Labels,
    from_start: Sequence[Labels],
    bounds: tuple[float, ...] = LATENCY_BUCKETS,
) -> Family:
    return Family(name, text, Kind.HISTOGRAM, ("model", "version", *labels), from_start, (), bounds)
