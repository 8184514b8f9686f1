"""The champion answers the same rows, however it was declared in its day."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from ct.champion import Champion, compare
from ct.dataset import Dataset, canonical
from ct.decision import decide
from ct.errors import RegistryUnavailableError
from ct.metrics import Floats
from ct.spec import ModelSpec, load_spec
from ct.standard_candidates import standard_candidates
from ct.stress import worst_stress
from serving.bundle import Bundle
from tests.unit.ct.small_repository import PHISHING

SPEC = load_spec(PHISHING)


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
    champion = Champion(4, _fitted(turned, phishing_rows), {"phishing": 0.4})
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
    champion = Champion(1, bundle, {})
    opposite = np.asarray(bundle.estimator.predict_proba(data.X))[:, ::-1]
    found = compare(champion, opposite, decide(opposite, SPEC.manifest()), data, SPEC)
    assert found.disagreement is not None
    assert found.disagreement > 0.99
    assert found.difference is not None
    assert found.difference.high < -0.5


def test_a_champion_of_other_classes_can_not_be_compared(data: Dataset, phishing_rows: pd.DataFrame) -> None:
    bundle = _fitted(SPEC, phishing_rows)
    other = replace(bundle, manifest=bundle.manifest.model_copy(update={"classes": ("good", "bad")}))
    probabilities = np.zeros((len(data), 2))
    with pytest.raises(RegistryUnavailableError, match="another model and needs its own name"):
        compare(Champion(2, other, {}), probabilities, data.y, data, SPEC)


class BlindToGaps:
    """Answers nothing sensible once a value is missing."""

    def fit(self, X: Floats, y: object) -> None:
        """It knows all that it needs."""

    def predict_proba(self, X: Floats) -> Floats:
        share = X.mean(axis=1)
        return np.column_stack([1 - share, share])


def test_an_estimator_that_a_missing_value_breaks_has_no_number_to_pass_with(data: Dataset) -> None:
    found = worst_stress(BlindToGaps(), data, SPEC)
    assert found.drop is not None
    assert np.isnan(found.drop)
    assert "missing" in found.case


def test_the_standard_candidates_survive_every_broken_input(
    data: Dataset, phishing_rows: pd.DataFrame
) -> None:
    found = worst_stress(_fitted(SPEC, phishing_rows).estimator, data, SPEC)
    assert found.drop is not None
    assert 0 <= found.drop < 0.4
