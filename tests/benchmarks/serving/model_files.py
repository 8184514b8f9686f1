"""The models that all servers load, trained once from a fixed seed, and what has to be answered."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from xgboost import XGBClassifier

from tests.benchmarks.serving.packing import NAME, Packed, describe, pack, pack_as_graph

SEED = 7
#: a small table, as most are; the product's own example has nine columns
FEATURES = 10
TRAINING_ROWS = 2_000
#: numbers of rows that requests have
ROWS = (1, 64)
NATIVE, ONNX = "native", "ONNX"
#: native without a short way: the estimator inside of a wrapper that our server knows none for
ASKED = "predict_proba"

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

    #: model.pkl, answers.json and, for ONNX, model.onnx: what peers load
    folder: Path
    bento: Path
    release: Path
    requests: Mapping[int, Rows]
    expected: Mapping[int, NDArray[np.float64]]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Every model of a run, by its name and engine; or why there is none."""

    found: Mapping[tuple[str, str], Prepared]
    missing: Mapping[tuple[str, str], str]

    @classmethod
    def of(cls, wanted: Sequence[tuple[str, str]], workplace: Path) -> Catalogue:
        """Train and pack each model and engine that is ``wanted``, below ``workplace``."""
        found: dict[tuple[str, str], Prepared] = {}
        missing: dict[tuple[str, str], str] = {}
        for key in wanted:
            made = prepare(*key, workplace)
            if isinstance(made, str):
                missing[key] = made
            else:
                found[key] = made
        return cls(found, missing)


def prepare(model: str, engine: str, workplace: Path) -> Prepared | str:
    """Train ``model`` and pack it for ``engine``; why that can't be, if so."""
    random = np.random.default_rng(SEED)
    table = random.normal(size=(TRAINING_ROWS, FEATURES))
    labels = (table[:, 0] + table[:, 1] * table[:, 2] + random.normal(size=TRAINING_ROWS) > 0).astype(int)
    estimator = MODELS[model]().fit(table, labels)
    folder = workplace / f"{model} {engine}".replace(" ", "_")
    if engine == ONNX:
        packed = pack_as_graph(estimator, table, folder)
    else:
        served = FrozenEstimator(estimator) if engine == ASKED else estimator
        packed = pack(served, describe(FEATURES), folder)
    if isinstance(packed, str):
        return packed
    requests = {count: random.normal(size=(count, FEATURES)) for count in ROWS}
    return _with_answers(packed, requests, estimator)


def _with_answers(packed: Packed, requests: Mapping[int, Rows], estimator: Any) -> Prepared:
    expected = {count: np.asarray(estimator.predict_proba(rows)) for count, rows in requests.items()}
    answers = {str(count): _answer(of) for count, of in expected.items()}
    (packed.bundle / "answers.json").write_text(json.dumps(answers), encoding="utf-8")
    return Prepared(packed.bundle, packed.bento, packed.release, requests, expected)


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
