"""The composition root of the model server: a loaded model and the parts that put it on the network."""

from __future__ import annotations

from collections.abc import Mapping

from serving.batching.batcher import Batcher
from serving.batching.limits import Limits
from serving.capture.capture import NoCapture
from serving.faults import faults_from
from serving.in_flight import InFlight
from serving.loading import Loaded
from serving.metrics import Metrics
from serving.predictor import Predictor
from serving.protocol import Served
from serving.readiness import Readiness
from serving.settings import read_settings


def assemble(loaded: Loaded, environment: Mapping[str, str], metrics: Metrics) -> Served:
    """Put batches, protocols, metrics and the fault switch around the model."""
    release = loaded.release
    settings = read_settings(environment)
    in_flight = InFlight()
    batcher = Batcher(loaded.engine, Limits(), in_flight.alone, metrics)
    predictor = Predictor(loaded.manifest, batcher, metrics, faults_from(environment), NoCapture())
    return Served(
        release,
        predictor,
        metrics,
        Readiness(),
        in_flight,
        settings.deadline_seconds,
        settings.access_log_fraction,
    )
