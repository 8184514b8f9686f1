"""The rows of the gate are such as the server lets through, and reach where engines differ."""

from __future__ import annotations

import numpy as np

from ct.engine_choice.probes import probes
from serving.bundle import FeatureType, MissingValues
from serving.wire.schema import InputSchema
from tests.unit.ct.engine_choice.two_sides import FEATURES, manifest, two_sides

SIDES = two_sides()


def made(missing: MissingValues = MissingValues.ACCEPT) -> dict[str, np.ndarray]:
    asked = probes(manifest(missing=missing), SIDES.train.X, SIDES.test.X)
    return {probe.kind: probe.rows for probe in asked}


def test_the_server_would_let_every_row_through() -> None:
    for missing in MissingValues:
        schema = InputSchema(manifest(missing=missing))
        for rows in made(missing).values():
            schema.check(rows)


def test_the_whole_evaluation_set_is_asked() -> None:
    assert np.array_equal(made()["an evaluation row"], SIDES.test.X)


def test_the_same_rows_are_asked_every_time() -> None:
    for rows, again in zip(made().values(), made().values(), strict=True):
        assert np.array_equal(rows, again, equal_nan=True)


def test_values_lie_between_neighbouring_training_values() -> None:
    known = np.unique(SIDES.train.X[:, 0])
    middles = (known[1:] + known[:-1]) / 2
    asked = made()["a row between training values"][:, 0]
    assert np.isin(middles, asked).sum() > 50
    assert np.isin(np.nextafter(known, np.inf), asked).sum() > 20


def test_only_what_may_be_missing_is_and_only_where_it_is_accepted() -> None:
    absent = np.isnan(made()["a row with missing values"]).any(axis=0)
    assert absent.tolist() == [feature.nullable for feature in FEATURES]
    assert "a row with missing values" not in made(MissingValues.REFUSE)


def test_values_reach_the_ends_of_a_range_and_beyond() -> None:
    share = made()["an extreme row"][:, 1]
    assert {0.0, 1.0} <= set(share)
    assert share.max() > 1
    assert share.min() < 0
    assert {5e-324, 1e300} <= set(made()["an extreme row"][:, 0])


def test_boolean_features_are_true_or_false() -> None:
    for rows in made().values():
        for place, feature in enumerate(FEATURES):
            if feature.dtype is FeatureType.BOOLEAN:
                assert set(rows[:, place]) <= {0.0, 1.0}
