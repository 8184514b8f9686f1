"""The composition root of the model server: a loaded model and the parts that put it on the network."""

from __future__ import annotations

from collections.abc import Mapping

import structlog

from serving.faults import faults_from
from serving.kserve_dataplane import KServeDataplane, TabularModel
from serving.loading import Loaded
from serving.metrics import Board, Layout, Metrics
from serving.protocol import Served
from serving.readiness import Readiness

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


def assemble(loaded: Loaded, environment: Mapping[str, str]) -> Served:
    """Put protocols, metrics and the fault switch around the model, and log what it is."""
    release = loaded.release
    layout = Layout.of(release, loaded.manifest)
    metrics = Metrics(layout, Board.create(layout, workers=1))
    model = TabularModel(loaded.manifest, release, loaded.engine, faults_from(environment), metrics)
    log.info(
        "model_loaded",
        model=release.model,
        version=str(release.version),
        model_sha256=release.model_sha256,
        bento_digest=release.bento_digest,
        source_commit=release.source_commit,
        features=len(loaded.manifest.features),
    )
    return Served(release, KServeDataplane(model), metrics, Readiness())
