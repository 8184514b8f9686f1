"""The champion answers the same rows, however it was declared in its day."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

from ct.arrays import Floats
from ct.data.dataset import Dataset, canonical
from ct.data.split import is_tested
from ct.errors import Incomparable
from ct.judging.champion import Champion, check_comparable, compare
from ct.judging.decision import decide
from ct.judging.stress import worst_stress
from ct.judging.training_record import TrainingRecord
from ct.spec import ModelSpec, Split, load_spec
from ct.standard_candidates import standard_candidates
from lifecycle.gates.evidence import Comparison
from serving.bundle import Bundle
from serving.engines.native.plain import Plain
from tests.unit.ct.small_repository import PHISHING

SPEC = load_spec(PHISHING)
#: a champion that knows none of the rows
RECORD = TrainingRecord(
    prevalence={"phishing": 0.4}, importance={}, split=Split(test_fraction=0.5), held_out_sha256=None
)


@pytest.fixture(scope="module")
def data(phishing_rows: pd.DataFrame) -> Dataset:
    return canonical(phishing_rows, SPEC)


def _fitted(spec: ModelSpec, rows: pd.DataFrame) -> Bundle:
    data = canonical(rows, spec)
    (simplest, *_) = standard_candidates(1)
    estimator = simplest.make()
    estimator.fit(data.X, data.y)
    return Bundle(spec.manifest(), estimator, "0" * 64)


def test_columns_and_classes_in_another_order_are_the_same_model(
    data: Dataset, phishing_rows: pd.DataFrame
) -> None:
    turned = SPEC.model_copy(update={"features": SPEC.features[::-1], "classes": SPEC.classes[::-1]})
    champion = Champion(4, _fitted(turned, phishing_rows), RECORD)
    probabilities = np.asarray(_fitted(SPEC, phishing_rows).estimator.predict_proba(data.X))
    found = compare(champion, probabilities, decide(probabilities, SPEC.manifest()), data, SPEC)
    assert found.disagreement is not None
    assert found.disagreement < 0.005
    assert found.difference is not None
    assert abs(found.difference.value) < 0.005
    assert found.version == 4


def test_a_candidate_that_says_the_opposite_disagrees_everywhere(
    data: Dataset, phishing_rows: pd.DataFrame
) -> None:
    bundle = _fitted(SPEC, phishing_rows)
    champion = Champion(1, bundle, RECORD)
    opposite = np.asarray(bundle.estimator.predict_proba(data.X))[:, ::-1]
    found = compare(champion, opposite, decide(opposite, SPEC.manifest()), data, SPEC)
    assert found.disagreement is not None
    assert found.disagreement > 0.99
    assert found.difference is not None
    assert found.difference.high < -0.5


def test_a_champion_of_other_classes_can_not_be_compared(data: Dataset, phishing_rows: pd.DataFrame) -> None:
    bundle = _fitted(SPEC, phishing_rows)
    other = replace(bundle, manifest=bundle.manifest.model_copy(update={"classes": ("good", "bad")}))
    with pytest.raises(Incomparable, match="another model and needs its own name"):
        check_comparable(Champion(2, other, RECORD), SPEC)


def _beside(champion: Champion, data: Dataset, spec: ModelSpec) -> Comparison:
    """A candidate that is always right, beside ``champion``."""
    certain = np.eye(2)[data.y]
    return compare(champion, certain, decide(certain, spec.manifest()), data, spec)


def test_rows_that_the_champion_learned_from_are_left_out(data: Dataset, phishing_rows: pd.DataFrame) -> None:
    """Another seed sends rows that the champion was trained on to the test side."""
    then = SPEC.split.model_copy(update={"seed": 8})
    champion = Champion(3, _fitted(SPEC, phishing_rows), RECORD.model_copy(update={"split": then}))
    test = data.take(is_tested(data.X, SPEC.split))
    found = _beside(champion, test, SPEC)
    assert found.rows == is_tested(test.X, then).sum() < len(test)
    assert found.caveat == ""


def test_a_feature_more_than_the_champion_has_does_not_hide_what_it_learned_from(
    phishing_rows: pd.DataFrame,
) -> None:
    """One feature more gives every row another hash, so most test rows are of the champion's training."""
    before = SPEC.model_copy(update={"features": SPEC.features[1:]})
    champion = Champion(3, _fitted(before, phishing_rows), RECORD.model_copy(update={"split": SPEC.split}))
    data = canonical(phishing_rows, SPEC)
    test = data.take(is_tested(data.X, SPEC.split))
    found = _beside(champion, test, SPEC)
    assert found.rows == is_tested(np.ascontiguousarray(test.X[:, 1:]), SPEC.split).sum() < len(test)


def test_too_few_rows_that_are_new_to_both_are_told(data: Dataset, phishing_rows: pd.DataFrame) -> None:
    then = Split(test_fraction=0.05, seed=8)
    champion = Champion(3, _fitted(SPEC, phishing_rows), RECORD.model_copy(update={"split": then}))
    test = data.take(is_tested(data.X, SPEC.split))
    found = _beside(champion, test, SPEC)
    assert found.rows == len(test)
    known = int((~is_tested(test.X, then)).sum())
    assert found.caveat == f"Version 3 knows {known} of these rows from its training, which flatters it."


def test_a_feature_that_is_gone_is_missing_for_the_champion_and_told(phishing_rows: pd.DataFrame) -> None:
    now = SPEC.model_copy(update={"features": SPEC.features[1:]})
    found = _beside(Champion(3, _fitted(SPEC, phishing_rows), RECORD), canonical(phishing_rows, now), now)
    assert found.difference is not None
    assert found.caveat == (
        "Version 3 was judged without empty_server_form_handler, which model.yaml has no more."
    )


def test_a_champion_that_can_not_do_without_a_feature_that_is_gone_is_told(
    phishing_rows: pd.DataFrame,
) -> None:
    data = canonical(phishing_rows, SPEC)
    strict = Bundle(SPEC.manifest(), LogisticRegression().fit(data.X, data.y), "0" * 64)
    now = SPEC.model_copy(update={"features": SPEC.features[1:]})
    with pytest.raises(Incomparable, match=r"Version 3 .* can't answer the test rows \(ValueError"):
        _beside(Champion(3, strict, RECORD), canonical(phishing_rows, now), now)


class BlindToGaps:
    """Answers nothing sensible once a value is missing."""

    def fit(self, X: Floats, y: object) -> None:
        """It knows all that it needs."""

    def predict_proba(self, X: Floats) -> Floats:
        share = X.mean(axis=1)
        return np.column_stack([1 - share, share])


def test_an_estimator_that_a_missing_value_breaks_has_no_number_to_pass_with(data: Dataset) -> None:
    found = worst_stress(Plain(BlindToGaps()), data, SPEC)
    assert found.drop is not None
    assert np.isnan(found.drop)
    assert "missing" in found.case


def test_the_standard_candidates_survive_every_broken_input(
    data: Dataset, phishing_rows: pd.DataFrame
) -> None:
    found = worst_stress(Plain(_fitted(SPEC, phishing_rows).estimator), data, SPEC)
    assert found.drop is not None
    assert 0 <= found.drop < 0.4
