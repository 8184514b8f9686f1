"""The models that all servers load: trained once from a fixed seed, packed the way the product packs them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from xgboost import XGBClassifier

from homeostat.release import GateResult, Outcome, Release, to_yaml
from serving.bento import build_bento
from serving.bundle import BundleManifest, FeatureSpec, Task, save_bundle

SEED = 7
#: a small table, as most are; the product's own example has nine columns
FEATURES = 10
TRAINING_ROWS = 2_000
#: numbers of rows that requests have
ROWS = (1, 64)
#: the name that every server gives the model, so that paths are of one length
NAME = "bench"

NATIVE, ONNX = "native", "ONNX"

Rows = NDArray[np.float64]


def _logistic_regression() -> Any:
    return make_pipeline(StandardScaler(), LogisticRegression())


def _hist_gradient_boosting() -> Any:
    return HistGradientBoostingClassifier(random_state=SEED)


def _xgboost() -> Any:
    # one thread, as for all: the servers have one core
    return XGBClassifier(n_estimators=100, max_depth=6, random_state=SEED, n_jobs=1)


MODELS: Mapping[str, Callable[[], Any]] = {
    "logistic regression": _logistic_regression,
    "hist gradient boosting": _hist_gradient_boosting,
    "XGBoost": _xgboost,
}


@dataclass(frozen=True, slots=True)
class Prepared:
    """One trained model on disk, and what every server has to answer."""

    model: str
    #: model.pkl, answers.json and, where the estimator can be converted, model.onnx: what peers load
    folder: Path
    requests: Mapping[int, Rows]
    expected: Mapping[int, NDArray[np.float64]]
    bento: Path
    release: Path


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Every model of a run, by its name and engine; or why there is none."""

    found: Mapping[tuple[str, str], Prepared]
    missing: Mapping[tuple[str, str], str]

    @classmethod
    def of(cls, models: Sequence[str], workplace: Path) -> Catalogue:
        """Train and pack ``models`` below ``workplace``, for each engine."""
        found: dict[tuple[str, str], Prepared] = {}
        missing: dict[tuple[str, str], str] = {}
        for model in models:
            found[model, NATIVE] = prepare(model, workplace)
            missing[model, ONNX] = "there is no converter yet"
        return cls(found, missing)


def prepare(model: str, workplace: Path) -> Prepared:
    """Train ``model`` and pack it below ``workplace`` as a bundle, a bento and a release."""
    random = np.random.default_rng(SEED)
    table = random.normal(size=(TRAINING_ROWS, FEATURES))
    labels = (table[:, 0] + table[:, 1] * table[:, 2] + random.normal(size=TRAINING_ROWS) > 0).astype(int)
    estimator = MODELS[model]().fit(table, labels)
    requests = {count: random.normal(size=(count, FEATURES)) for count in ROWS}
    expected = {count: np.asarray(estimator.predict_proba(rows)) for count, rows in requests.items()}
    folder = workplace / model.replace(" ", "_")
    bento, release = pack(estimator, table, folder)
    (folder / "answers.json").write_text(
        json.dumps({str(count): _answer(of) for count, of in expected.items()})
    )
    return Prepared(model, folder, requests, expected, bento, release)


def pack(estimator: Any, table: Rows, folder: Path) -> tuple[Path, Path]:
    """The bento's folder and the release's file; the bundle lies in ``folder`` itself, for the peers."""
    manifest = BundleManifest(
        model=NAME,
        task=Task.BINARY,
        # wide enough that no request of the benchmark is out of range
        features=tuple(FeatureSpec(name=f"feature_{n}", min=-9, max=9) for n in range(table.shape[1])),
        classes=("stays", "leaves"),
        positive_class="leaves",
        threshold=0.5,
    )
    sha256 = save_bundle(folder, estimator, manifest)
    store = folder / "store"
    bento_digest = build_bento(folder, store)
    release = Release(
        model=NAME,
        version=1,
        model_sha256=sha256,
        bento_digest=bento_digest,
        run_id="0" * 32,
        data_sha256="1" * 64,
        inputs_digest="2" * 64,
        source_commit="a" * 40,
        gates=(GateResult(name="g", outcome=Outcome.PASSED, value=1.0, bound=0.0, sentence="Fine."),),
    )
    path = folder / "release.yaml"
    path.write_text(to_yaml(release), encoding="utf-8")
    return store / bento_digest, path


def _answer(probabilities: NDArray[np.float64]) -> Mapping[str, Any]:
    """What our server answers, for the one that only echoes."""
    rows, classes = probabilities.shape
    labels: Sequence[str] = ["leaves" if of[1] >= 0.5 else "stays" for of in probabilities]
    return {
        "model_name": NAME,
        "model_version": "1",
        "id": "0" * 36,
        "outputs": [
            {"name": "label", "shape": [rows], "datatype": "BYTES", "data": labels},
            {
                "name": "probabilities",
                "shape": [rows, classes],
                "datatype": "FP64",
                "data": probabilities.ravel().tolist(),
            },
        ],
    }
