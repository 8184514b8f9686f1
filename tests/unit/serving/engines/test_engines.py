"""One contract over every engine and every kind of estimator."""

from __future__ import annotations

import warnings
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ct.engine_choice.converting import graphs
from serving.engines.engine import Engine
from serving.engines.native.picking import native_engine
from serving.engines.native.plain import Plain
from serving.engines.onnx import OnnxEngine
from serving.errors import BundleError
from tests.unit.serving.engines.estimators import FEATURES, NAMES, fitted, table, takes_nan

#: what can't be written as a graph, or not so that it answers the same
WITHOUT_A_GRAPH = ("xgboost_with_another_missing", "xgboost_dart", "xgboost_random_forest")


@cache
def estimator(name: str) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of too few iterations
        return fitted(name)


@cache
def engine(kind: str, name: str) -> Engine:
    if kind == "native":
        return native_engine(estimator(name))
    return next(opened for graph in graphs(estimator(name), FEATURES) if (opened := _opened(graph)))


def _opened(graph: bytes) -> Engine | None:
    with suppress(BundleError):  # another way of writing it may open
        return OnnxEngine(graph)
    return None


ENGINES = [
    *(("native", name) for name in NAMES),
    *(("onnx", name) for name in NAMES if name.partition("/")[0] not in WITHOUT_A_GRAPH),
]


def rows_with(draw_nan: float, seed: int, count: int) -> np.ndarray:
    random = np.random.default_rng(seed)
    rows = table()[random.integers(300, size=count)] * random.choice([1.0, 1.5, -1.0, 0.0], (count, FEATURES))
    return np.where(random.random(rows.shape) < draw_nan, np.nan, rows)


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), count=st.sampled_from([1, 2, 7, 64, 300]), share=st.floats(0, 1))
def test_the_native_engine_gives_the_bits_of_predict_proba(
    name: str, seed: int, count: int, share: float
) -> None:
    rows = rows_with(share if takes_nan(name) else 0.0, seed, count)
    found = engine("native", name).probabilities(rows)
    assert np.array_equal(found, estimator(name).predict_proba(rows).astype(np.float64))


@pytest.mark.parametrize(("kind", "name"), ENGINES)
def test_an_engine_answers_its_own_doubles_and_leaves_the_rows_as_they_are(kind: str, name: str) -> None:
    rows = table(5)
    given_rows = rows.copy()
    first = engine(kind, name).probabilities(rows)
    kept = first.copy()
    engine(kind, name).probabilities(table(6))
    assert first.dtype == np.float64
    assert first.shape == (len(rows), len(estimator(name).classes_))
    assert np.allclose(first.sum(axis=1), 1.0, atol=1e-5)
    assert np.array_equal(rows, given_rows)
    assert np.array_equal(first, kept), "a later call changed an earlier answer"


@pytest.mark.parametrize(("kind", "name"), ENGINES)
def test_an_engine_takes_rows_that_are_a_view(kind: str, name: str) -> None:
    rows = table(7)
    asked = engine(kind, name)
    whole = asked.probabilities(rows)
    assert np.allclose(asked.probabilities(rows[::3]), whole[::3], atol=1e-6)
    assert np.allclose(asked.probabilities(np.asfortranarray(rows)), whole, atol=1e-6)


@pytest.mark.parametrize(("kind", "name"), ENGINES)
def test_several_threads_get_the_answers_that_one_gets(kind: str, name: str) -> None:
    asked = engine(kind, name)
    tables = [rows_with(0.0, seed, 20) for seed in range(12)]
    alone = [asked.probabilities(rows) for rows in tables]
    with ThreadPoolExecutor(4) as threads:
        together = list(threads.map(asked.probabilities, tables))
    assert all(np.array_equal(one, other) for one, other in zip(alone, together, strict=True))


def test_what_has_no_short_way_is_asked_plainly() -> None:
    assert isinstance(engine("native", "naive_bayes/2"), Plain)
    assert not isinstance(engine("native", "xgboost/2"), Plain)
    assert not isinstance(engine("native", "lightgbm/3"), Plain)
