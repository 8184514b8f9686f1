"""Equal rows stay on one side, whatever else is in the data."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from ct.data.dataset import Dataset, canonical
from ct.data.split import split_rows
from ct.spec import ModelSpec, Split, load_spec
from ct.standard_candidates import standard_candidates
from ct.training.search import cross_validate
from tests.unit.ct.small_repository import PHISHING

SPEC = load_spec(PHISHING)


def _sides(X: np.ndarray, spec: ModelSpec) -> tuple[set[bytes], set[bytes]]:
    y = np.arange(len(X), dtype=np.int64) % 2
    rows = split_rows(Dataset(X, y, np.arange(len(X), dtype=np.int64)), spec)
    return {row.tobytes() for row in rows.train.X}, {row.tobytes() for row in rows.test.X}


def _rows(seed: int, count: int) -> np.ndarray:
    drawn = np.random.default_rng(seed).choice([0.0, 0.5, 1.0], size=(count, len(SPEC.features)))
    # every row twice, with either label, so that both sides see both classes
    return np.repeat(drawn, 2, axis=0)


@settings(max_examples=25, deadline=None)
@given(data_seed=st.integers(0, 10_000), split_seed=st.integers(0, 10_000))
def test_a_row_is_never_on_both_sides(data_seed: int, split_seed: int) -> None:
    spec = SPEC.model_copy(update={"split": Split(test_fraction=0.3, seed=split_seed)})
    train, test = _sides(_rows(data_seed, 60), spec)
    assert not train & test


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_a_row_keeps_its_side_when_others_come(seed: int) -> None:
    rows = _rows(seed, 80)
    before_train, before_test = _sides(rows[:100], SPEC)
    after_train, after_test = _sides(rows, SPEC)
    assert before_train <= after_train
    assert before_test <= after_test


def test_about_the_declared_share_of_distinct_rows_is_tested(phishing_rows: pd.DataFrame) -> None:
    rows = split_rows(canonical(phishing_rows, SPEC), SPEC)
    distinct = len({row.tobytes() for row in rows.test.X})
    assert 0.25 < distinct / 625 < 0.35


def test_another_seed_tests_other_rows(phishing_rows: pd.DataFrame) -> None:
    data = canonical(phishing_rows, SPEC)
    other = SPEC.model_copy(update={"split": Split(test_fraction=0.3, seed=8)})
    assert {row.tobytes() for row in split_rows(data, SPEC).test.X} != {
        row.tobytes() for row in split_rows(data, other).test.X
    }


def test_a_model_that_only_remembers_gains_nothing_in_cross_validation() -> None:
    """Labels are noise but equal for equal rows: a fold that shared rows would score near one."""
    random = np.random.default_rng(5)
    distinct = random.random((60, len(SPEC.features)))
    labels = np.arange(60) % 2
    random.shuffle(labels)
    data = Dataset(np.repeat(distinct, 6, axis=0), np.repeat(labels, 6), np.repeat(np.arange(60), 6))
    deep = [candidate for candidate in standard_candidates(1) if candidate.name == "xgboost_deep"]
    (score,) = cross_validate(deep, data, SPEC, lambda name: None)
    assert score.mean < 0.75
