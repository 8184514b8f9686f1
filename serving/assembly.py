"""The composition root of the model server: a loaded model and the parts that put it on the network."""

from __future__ import annotations

from collections.abc import Mapping

import structlog

from serving.batching.batcher import Batcher
from serving.batching.limits import Limits
from serving.capture.capture import NoCapture
from serving.faults import faults_from
from serving.in_flight import InFlight
from serving.loading import Loaded
from serving.metrics import Board, Layout, Metrics
from serving.predictor import Predictor
from serving.protocol import Served
from serving.readiness import Readiness
from serving.settings import read_settings

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


def assemble(loaded: Loaded, environment: Mapping[str, str]) -> Served:
    """Put batches, protocols, metrics and the fault switch around the model, and log what it is."""
    release = loaded.release
    settings = read_settings(environment)
    layout = Layout.of(release, loaded.manifest)
    metrics = Metrics(layout, Board.create(layout, workers=1))
    in_flight = InFlight()
    batcher = Batcher(loaded.engine, Limits(), in_flight.alone, metrics)
    predictor = Predictor(loaded.manifest, batcher, metrics, faults_from(environment), NoCapture())
    log.info(
        "model_loaded",
        model=release.model,
        version=str(release.version),
        model_sha256=release.model_sha256,
        bento_digest=release.bento_digest,
        source_commit=release.source_commit,
        features=len(loaded.manifest.features),
    )
    return Served(release, predictor, metrics, Readiness(), in_flight, settings.deadline_seconds)
