"""The table of urgency and the classes: monotone, total, and deaf to noise."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.drift.assessment import Action, Assessment, DriftClass, assess
from triage.drift.significance import holm, kolmogorov, two_shares
from triage.drift.statistic import Statistic, StatisticName, canonical, read_statistics
from triage.drift.urgency import TABLE, Urgency

_EFFECTS = st.floats(0, 1)
_SHARES = st.floats(0, 1)
_P_VALUES = st.one_of(st.none(), st.floats(0, 1), st.floats(0, 1e-5))


@st.composite
def statistics(draw: st.DrawFn) -> Statistic:
    return Statistic(
        draw(st.sampled_from(StatisticName)),
        feature=draw(st.sampled_from(["", "age", "income", "url_length"])),
        window=draw(st.sampled_from(["", "7d", "14d", "30d"])),
        baseline=draw(st.one_of(st.none(), _SHARES)),
        current=draw(st.one_of(st.none(), _SHARES)),
        threshold=draw(st.one_of(st.none(), _SHARES)),
        effect=draw(st.one_of(st.none(), st.floats(-1, 1))),
        p_value=draw(_P_VALUES),
        n=draw(st.one_of(st.none(), st.integers(0, 100_000).map(float))),
    )


def accuracy(loss: float, window: str = "7d", n: float = 4000) -> Statistic:
    return Statistic(StatisticName.ACCURACY, window=window, baseline=0.8 + loss, current=0.8, n=n)


def shift(effect: float, feature: str = "age", p_value: float = 1e-30) -> Statistic:
    return Statistic(StatisticName.FEATURE_SHIFT, feature=feature, effect=effect, p_value=p_value, n=3000)


@given(st.lists(statistics(), max_size=8))
def test_every_set_of_statistics_has_a_class_an_urgency_and_an_action(found: list[Statistic]) -> None:
    said = assess(found)
    assert (said.drift is DriftClass.NONE) == (said.action is Action.NOTHING)
    if said.drift is DriftClass.NONE:
        assert said.urgency is Urgency.NONE
    assert len(said.judged) == len(found)


@given(
    st.lists(statistics(), max_size=5), st.sampled_from(StatisticName), _EFFECTS, _EFFECTS, st.floats(0, 1)
)
def test_a_larger_effect_is_never_less_urgent(
    others: list[Statistic], name: StatisticName, one: float, other: float, p_value: float
) -> None:
    less, more = (
        assess([*others, Statistic(name, effect=effect, p_value=p_value)]).urgency.rank
        for effect in sorted((one, other))
    )
    assert less <= more


@given(
    st.lists(statistics(), max_size=5),
    st.sampled_from(StatisticName),
    _EFFECTS,
    st.floats(0, 1),
    st.floats(0, 1),
)
def test_more_significance_is_never_less_urgent(
    others: list[Statistic], name: StatisticName, effect: float, one: float, other: float
) -> None:
    more, less = (
        assess([*others, Statistic(name, effect=effect, p_value=p)]).urgency.rank
        for p in sorted((one, other))
    )
    assert less <= more


@given(statistics())
def test_a_detectors_threshold_makes_it_stricter_and_never_laxer(one: Statistic) -> None:
    tested = replace(one, p_value=one.p_value or 0.001)
    free = assess([replace(tested, threshold=None)]).urgency.rank
    assert assess([tested]).urgency.rank <= free


@given(st.floats(0, 1), st.sampled_from(StatisticName))
def test_neither_an_effect_nor_significance_is_enough_alone(value: float, name: StatisticName) -> None:
    assert not assess([Statistic(name, effect=value, p_value=1.0)]).urgency
    assert not assess([Statistic(name, effect=0.0, p_value=0.0)]).urgency


def _noise(chance: random.Random, n: int, features: int = 20) -> Sequence[Statistic]:
    """What a detector computes of two samples of one world: all differences are chance."""
    found = [
        Statistic(
            StatisticName.FEATURE_SHIFT, feature=f"f{at}", window="7d", effect=_distance(chance, n), n=n
        )
        for at in range(features)
    ]
    before, now = (sum(chance.random() < 0.85 for _ in range(n)) / n for _ in range(2))
    return [*found, Statistic(StatisticName.ACCURACY, window="7d", baseline=before, current=now, n=n)]


def _distance(chance: random.Random, n: int) -> float:
    """The Kolmogorov-Smirnov distance of two samples of n from one distribution: a walk up and down."""
    steps = [1] * n + [-1] * n
    chance.shuffle(steps)
    height = furthest = 0
    for step in steps:
        height += step
        furthest = max(furthest, abs(height))
    return furthest / n


@pytest.mark.parametrize(("n", "draws"), [(100, 200), (1000, 40), (10_000, 4)])
def test_pure_noise_over_twenty_features_is_no_p0_and_no_p1(n: int, draws: int) -> None:
    chance = random.Random(20261121 + n)
    urgencies = [assess(_noise(chance, n)).urgency for _ in range(draws)]
    assert not {Urgency.P0, Urgency.P1} & set(urgencies)
    # at a level of one in a hundred a few of two hundred draws may be told
    assert urgencies.count(Urgency.P2) <= max(1, draws // 20)


def test_inputs_that_move_are_data_drift_and_name_the_most_moved_first() -> None:
    said = assess([shift(0.2, "age"), shift(0.4, "income"), shift(0.01, "debt", p_value=0.9)])
    assert (said.drift, said.urgency) == (DriftClass.DATA, Urgency.P1)
    assert said.features == ("income", "age")
    assert said.action is Action.FEATURE_WORK


def test_quality_that_falls_while_inputs_stay_is_concept_drift_at_p0() -> None:
    said = assess([accuracy(0.2), shift(0.02, p_value=0.5)])
    assert (said.drift, said.urgency, said.action) == (DriftClass.CONCEPT, Urgency.P0, Action.RETRAIN)


def test_a_sudden_loss_after_a_hand_off_asks_for_a_rollback() -> None:
    assert assess([accuracy(0.2)], released_lately=True).action is Action.ROLL_BACK


def test_quality_that_falls_with_the_age_of_the_baseline_is_decay() -> None:
    said = assess([accuracy(0.016, "7d"), accuracy(0.05, "14d"), accuracy(0.068, "30d")])
    assert (said.drift, said.urgency, said.action) == (DriftClass.DECAY, Urgency.P1, Action.RETRAIN)


def test_a_sudden_loss_over_all_windows_is_no_decay() -> None:
    said = assess([accuracy(0.2, "7d"), accuracy(0.2, "14d"), accuracy(0.21, "30d")])
    assert said.drift is DriftClass.CONCEPT


def test_quality_that_rises_is_no_drift() -> None:
    assert _alone(accuracy(-0.2)).drift is DriftClass.NONE


def test_another_mix_of_callers_is_data_drift_that_calls_nobody_at_night() -> None:
    said = _alone(Statistic(StatisticName.REQUEST_METADATA, feature="client", effect=0.9, p_value=0.0))
    assert (said.drift, said.urgency, said.action) == (DriftClass.DATA, Urgency.P2, Action.INVESTIGATE)


def test_a_shift_that_nobody_tested_is_p2_at_most_and_only_beyond_its_threshold() -> None:
    told = Statistic(StatisticName.FEATURE_SHIFT, feature="age", effect=0.9, threshold=0.1)
    assert _alone(told).urgency is Urgency.P2
    assert _alone(replace(told, threshold=None)).urgency is Urgency.NONE
    assert _alone(replace(told, effect=0.15)).urgency is Urgency.NONE


def test_only_lost_quality_can_set_a_retraining_going() -> None:
    assert {name for name, rows in TABLE.items() if any(row.urgency is Urgency.P0 for row in rows)} == {
        StatisticName.ACCURACY
    }


@given(st.lists(st.floats(0, 1), max_size=20))
def test_the_correction_for_many_statistics_never_makes_one_more_significant(p_values: list[float]) -> None:
    for before, after in zip(p_values, holm(p_values), strict=True):
        assert before <= after <= 1


def test_the_approximations_agree_with_the_exact_tests() -> None:
    stats = pytest.importorskip("scipy.stats")
    # two shares of 850 and 800 in a thousand each
    table = [[850, 150], [800, 200]]
    assert two_shares(0.85, 0.80, 1000, 1000) == pytest.approx(
        stats.chi2_contingency(table, correction=False).pvalue, rel=1e-6
    )
    assert kolmogorov(0.05, 2000, 2000) == pytest.approx(stats.kstwo.sf(0.05, 1000), rel=0.1)


@given(st.lists(statistics(), max_size=6))
def test_statistics_survive_their_canonical_text(found: list[Statistic]) -> None:
    assert list(read_statistics(canonical(found))) == found


@pytest.mark.parametrize(
    "text", ["", "{}", "[1, {}, null]", '[{"statistic": "novelty"}]', '[{"statistic": 3}]']
)
def test_what_is_no_statistic_is_left_out_or_refused(text: str) -> None:
    try:
        assert list(read_statistics(text)) == []
    except ValueError:
        assert not text.startswith("[")


def _alone(one: Statistic) -> Assessment:
    return assess([one])
