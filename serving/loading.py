"""From a release and a bento on disk to an engine that answers, all of it verified.

This imports nothing but what the model itself needs, so that a wrong bento is refused at once and not after
the seconds that the protocols' libraries take.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from homeostat.release import Release
from serving.bento_layout import bundle_directory, verify_bento
from serving.bundle import Bundle, BundleManifest, load_bundle
from serving.engines.engine import Engine, Rows
from serving.engines.in_range import InRange
from serving.engines.opening import open_engine
from serving.errors import BundleError


@dataclass(frozen=True, slots=True)
class Loaded:
    """A model that has answered once."""

    release: Release
    manifest: BundleManifest
    engine: Engine


def load_release(release: Release, bento: Path) -> Loaded:
    """Verify and load what ``release`` names from ``bento``, and answer one prediction with it.

    Raises:
        WrongDigest: when the bento or the model is not the one that was gated.
        BundleError: when the model is another's, can't be loaded, or does not answer as its manifest says.
    """
    return open_release(release, read_model(release, bento), threads=1)


def read_model(release: Release, bento: Path) -> Bundle:
    """Verify what ``release`` names from ``bento``, and read its model; this starts no thread.

    Raises:
        WrongDigest: when the bento or the model is not the one that was gated.
        BundleError: when the model is another's or can't be loaded.
    """
    verify_bento(bento, release.bento_digest)
    bundle = load_bundle(bundle_directory(bento), release.model_sha256)
    if bundle.manifest.model != release.model:
        raise BundleError(
            f"The bento holds the model {bundle.manifest.model}, the release names {release.model}."
        )
    return bundle


def open_release(release: Release, bundle: Bundle, threads: int) -> Loaded:
    """Open an engine for a model that was read, which may start threads, and answer one prediction with it.

    Raises:
        BundleError: when the model does not answer as its manifest says.
    """
    engine = InRange(open_engine(bundle, threads), bundle.manifest)
    warm_up(bundle.manifest, engine)
    return Loaded(release, bundle.manifest, engine)


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
