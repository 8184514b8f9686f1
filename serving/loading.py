"""From a release and a bento on disk to something that answers: the composition root of the model server."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import structlog

from homeostat.release import Release
from serving.bento_layout import bundle_directory, verify_bento
from serving.bundle import Bundle, BundleManifest, load_bundle
from serving.engine import Engine, NativeEngine, Rows
from serving.errors import BundleError
from serving.faults import faults_from
from serving.kserve_dataplane import KServeDataplane, TabularModel
from serving.metrics import Metrics
from serving.protocol import Served
from serving.readiness import Readiness

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


def load_served(release: Release, bento: Path, environment: Mapping[str, str]) -> Served:
    """Verify and load what ``release`` names from ``bento``, and answer one prediction with it.

    Raises:
        WrongDigest: when the bento or the model is not the one that was gated.
        BundleError: when the model is another's, can't be loaded, or does not answer as its manifest says.
    """
    verify_bento(bento, release.bento_digest)
    bundle = load_bundle(bundle_directory(bento), release.model_sha256)
    if bundle.manifest.model != release.model:
        raise BundleError(
            f"The bento holds the model {bundle.manifest.model}, the release names {release.model}."
        )
    engine = NativeEngine(bundle.estimator)
    warm_up(bundle.manifest, engine)
    metrics = Metrics(release)
    model = TabularModel(bundle.manifest, release, engine, faults_from(environment), metrics)
    _say_loaded(release, bundle)
    return Served(release, KServeDataplane(model), metrics, Readiness())


def warm_up(manifest: BundleManifest, engine: Engine) -> None:
    """Predict one row, so that the first client does not wait for what is loaded lazily.

    Raises:
        BundleError: when the estimator fails, or does not give a probability for each class.
    """
    try:
        answer = engine.probabilities(typical_row(manifest))
    except Exception as error:
        # The estimator is foreign code; whatever it raises means that this bundle can't be served.
        raise BundleError(f"The model can't predict ({type(error).__name__}: {error}).") from error
    if answer.shape != (1, len(manifest.classes)) or not np.isfinite(answer).all():
        raise BundleError(
            f"The model answers {answer.tolist()} for one row: the manifest needs {len(manifest.classes)} "
            "finite probabilities, one for each class."
        )


def typical_row(manifest: BundleManifest) -> Rows:
    """One row with a value inside of every feature's range."""
    values = [
        feature.min if feature.min is not None else feature.max if feature.max is not None else 0.0
        for feature in manifest.features
    ]
    return np.array([values], dtype=np.float64)


def _say_loaded(release: Release, bundle: Bundle) -> None:
    log.info(
        "model_loaded",
        model=release.model,
        version=str(release.version),
        model_sha256=bundle.model_sha256,
        bento_digest=release.bento_digest,
        source_commit=release.source_commit,
        features=len(bundle.manifest.features),
    )
