from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from xgboost import XGBClassifier

from homeostat.digest import of_bytes
from serving.bundle import BundleManifest, OutOfRange, load_bundle, save_bundle
from serving.decision import decide
from serving.engines.engine import Probabilities, Rows
from serving.engines.in_range import InRange
from serving.errors import BundleError, WrongDigest


class WritesFile:
    """A pickle that runs code when it is loaded."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def __reduce__(self) -> tuple[Any, ...]:
        return (np.savetxt, (str(self._file), [1.0]))


def booby_trap(directory: Path, manifest: BundleManifest) -> tuple[Path, str]:
    trace = directory / "trace"
    content = pickle.dumps(WritesFile(trace))
    (directory / "model.pkl").write_bytes(content)
    (directory / "model.json").write_text(manifest.model_dump_json())
    return trace, of_bytes(content)


def test_bytes_with_another_digest_are_refused_before_they_are_unpickled(
    tmp_path: Path, manifest: BundleManifest
):
    trace, _ = booby_trap(tmp_path, manifest)
    with pytest.raises(WrongDigest, match="was gated: it is refused"):
        load_bundle(tmp_path, "f" * 64)
    assert not trace.exists()


def test_the_trap_of_the_test_above_works(tmp_path: Path, manifest: BundleManifest):
    trace, sha256 = booby_trap(tmp_path, manifest)
    with pytest.raises(BundleError, match="no predict_proba"):
        load_bundle(tmp_path, sha256)
    assert trace.is_file()


class OfTheModelsOwn(LogisticRegression):
    """A class that the serving image does not have."""


def test_an_estimator_of_classes_that_the_serving_image_lacks_is_not_saved(
    tmp_path: Path, manifest: BundleManifest
):
    with pytest.raises(
        BundleError, match=r"it needs .*test_bundle\.OfTheModelsOwn, but the serving image has"
    ):
        save_bundle(tmp_path, OfTheModelsOwn(), manifest)
    assert not (tmp_path / "model.pkl").exists()


@pytest.mark.parametrize(
    "make",
    [
        LogisticRegression,
        lambda: HistGradientBoostingClassifier(max_iter=5, random_state=1),
        lambda: XGBClassifier(n_estimators=5, random_state=1, n_jobs=1),
    ],
    ids=["logistic", "histogram-boosting", "xgboost"],
)
def test_the_same_training_gives_the_same_bytes_and_loads_to_the_same_answers(
    tmp_path: Path, manifest: BundleManifest, make: Any
):
    rows = np.random.default_rng(3).normal(size=(80, 3))
    labels = (rows[:, 1] > 0).astype(int)
    model = make().fit(rows, labels)
    first = save_bundle(tmp_path / "first", model, manifest)
    second = save_bundle(tmp_path / "second", make().fit(rows, labels), manifest)
    loaded = load_bundle(tmp_path / "first", first)
    assert first == second == loaded.model_sha256
    assert loaded.manifest == manifest
    np.testing.assert_array_equal(loaded.estimator.predict_proba(rows), model.predict_proba(rows))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"features": []}, "at least 1 item"),
        ({"features": [{"name": "a"}, {"name": "a"}]}, "a is listed twice"),
        ({"features": [{"name": "a", "min": 2, "max": 1}]}, "min 2 must not be above max 1"),
        ({"classes": [0, 0]}, "must be distinct"),
        ({"classes": [0, "1"]}, "all texts or all integers"),
        ({"threshold": None}, "a binary task needs"),
        ({"positive_class": "other"}, "a binary task needs"),
        ({"task": "multiclass"}, "for a binary task only"),
        ({"colour": "red"}, "Extra inputs"),
    ],
)
def test_a_manifest_that_contradicts_itself_is_refused(
    manifest: BundleManifest, change: dict[str, Any], sentence: str
):
    with pytest.raises(ValidationError, match=sentence):
        BundleManifest.model_validate(manifest.model_dump() | change)


def test_a_bundle_without_manifest_or_model_says_what_is_missing(tmp_path: Path, manifest: BundleManifest):
    with pytest.raises(BundleError, match=r"model\.json can't be read"):
        load_bundle(tmp_path, "0" * 64)
    (tmp_path / "model.json").write_text(manifest.model_dump_json())
    with pytest.raises(BundleError, match=r"model\.pkl can't be read"):
        load_bundle(tmp_path, "0" * 64)


class Echo:
    """An engine that answers what it is shown."""

    def probabilities(self, rows: Rows) -> Probabilities:
        return rows


@pytest.mark.parametrize(
    ("policy", "shown"),
    [(OutOfRange.CLIP, [10.0, -10.0, np.nan, 4.0]), (OutOfRange.MISSING, [np.nan] * 3 + [4])],
)
def test_the_estimator_never_sees_a_value_outside_of_its_range(
    manifest: BundleManifest, policy: OutOfRange, shown: list[float]
):
    rows = np.array([[age, 1000.0, 1.0] for age in (999.0, -11.0, np.nan, 4.0)])
    seen = InRange(Echo(), manifest.model_copy(update={"out_of_range": policy})).probabilities(rows)
    np.testing.assert_array_equal(seen[:, 0], shown)
    np.testing.assert_array_equal(seen[:, 1], rows[:, 1])


def test_the_threshold_is_reached_inclusively(manifest: BundleManifest):
    strict = manifest.model_copy(update={"threshold": 0.8})
    decision = decide(strict, np.array([[0.2, 0.8], [0.21, 0.79]]))
    assert decision.labels == ["leaves", "stays"]
    assert decision.confidences.tolist() == [0.8, 0.21]


def test_several_classes_answer_the_most_probable(manifest: BundleManifest):
    change = {"task": "multiclass", "classes": (1, 2, 3), "positive_class": None, "threshold": None}
    several = BundleManifest.model_validate(manifest.model_dump() | change)
    assert decide(several, np.array([[0.2, 0.5, 0.3]])).labels == [2]
