"""The composition root of the model server: a loaded model and the parts that put it on the network."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from serving.batching.batcher import Batcher
from serving.batching.limits import Limits
from serving.capture.capture import capture_from
from serving.explaining.endpoint import ExplainEndpoint
from serving.explaining.explainer import ChildExplainer
from serving.faults import faults_from
from serving.in_flight import InFlight
from serving.loading import Loaded
from serving.metrics import Metrics
from serving.predictor import Predictor
from serving.protocol import Served
from serving.readiness import Readiness
from serving.settings import read_settings

#: what was captured and is not yet written when the server stops
FLUSH_SECONDS = 5.0


@asynccontextmanager
async def assembled(
    loaded: Loaded,
    bundle: Path,
    environment: Mapping[str, str],
    metrics: Metrics,
    hung: Callable[[float], None],
) -> AsyncGenerator[Served]:
    """Put batches, protocols, metrics, capture, explanations and the fault switch around the model.

    Args:
        loaded: the model, which has answered once.
        bundle: the folder that it was loaded from, for the process that explains it.
        environment: its settings and the fault switch.
        metrics: where this worker counts.
        hung: told, with the seconds, of an engine that will not answer any more.
    """
    release, manifest = loaded.release, loaded.manifest
    settings = read_settings(environment)
    in_flight = InFlight()
    limits = Limits.of(manifest.max_batch, settings.deadline_seconds)
    batcher = Batcher(loaded.engine, limits, in_flight.alone, metrics, hung=hung)
    capture = capture_from(settings, manifest, str(release.version), metrics)
    predictor = Predictor(manifest, batcher, metrics, faults_from(environment), capture)
    explainer = ChildExplainer(bundle, release.model_sha256)
    capture.start()
    try:
        yield Served(
            release,
            predictor,
            metrics,
            Readiness(),
            in_flight,
            settings.deadline_seconds,
            settings.access_log_fraction,
            ExplainEndpoint(predictor.schema, explainer, metrics, settings.deadline_seconds, in_flight),
        )
    finally:
        batcher.close()
        await explainer.close()
        capture.close(FLUSH_SECONDS)
