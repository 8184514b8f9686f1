"""One contract over every gate, and one refusal for each."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeostat.release import GateResult, Outcome
from lifecycle.gates.bounds import GateBounds, ShareRange
from lifecycle.gates.evidence import Comparison, Evidence, Interval, SliceScore, Stress
from lifecycle.gates.gate import Gate
from lifecycle.gates.registry import GATES, judge_all
from lifecycle.gates.verdict import tell

BOUNDS = GateBounds(
    minimum_metric=0.85,
    champion_margin=0.03,
    maximum_calibration_error=0.1,
    maximum_brier_score=0.3,
    minimum_slice_metric=0.7,
    maximum_latency_seconds=0.05,
    maximum_artifact_bytes=1000,
    maximum_disagreement=0.15,
    maximum_prevalence_shift=0.1,
    maximum_robustness_drop=0.2,
)

GOOD = Evidence(
    bounds=BOUNDS,
    metric_name="accuracy",
    metric=Interval(0.9, 0.87, 0.93),
    expected_calibration_error=0.03,
    brier_score=0.15,
    slices=(SliceScore("short", 40, 0.95), SliceScore("long", 60, 0.8)),
    latency_seconds=0.002,
    artifact_bytes=900,
    prevalence={"no": 0.55, "yes": 0.45},
    stress=Stress(0.1, "'https' missing"),
    champion=Comparison(
        version=3,
        rows=120,
        difference=Interval(0.0, -0.01, 0.01),
        disagreement=0.04,
        prevalence={"no": 0.56, "yes": 0.44},
    ),
)


def _champion(**changes: object) -> Evidence:
    assert GOOD.champion is not None
    return replace(GOOD, champion=replace(GOOD.champion, **changes))


#: gate -> evidence in which that gate's number is x, where a larger x is worse
WORSENED: dict[str, Callable[[float], Evidence]] = {
    "minimum_metric": lambda x: replace(GOOD, metric=Interval(0.9, -x, 0.93)),
    "no_worse_than_champion": lambda x: _champion(difference=Interval(0.0, -x, 0.1)),
    "calibration_error": lambda x: replace(GOOD, expected_calibration_error=x),
    "brier_score": lambda x: replace(GOOD, brier_score=x),
    "worst_slice": lambda x: replace(GOOD, slices=(SliceScore("a", 9, 0.9), SliceScore("b", 9, -x))),
    "prediction_latency": lambda x: replace(GOOD, latency_seconds=x),
    "artifact_size": lambda x: replace(GOOD, artifact_bytes=x),
    "champion_disagreement": lambda x: _champion(disagreement=x),
    "label_prevalence": lambda x: replace(GOOD, prevalence={"no": 0.56, "yes": 0.44 + abs(x)}),
    "robustness": lambda x: replace(GOOD, stress=Stress(x, "'https' missing")),
}

#: gate -> evidence in which its number was never taken
MISSING: dict[str, Evidence] = {
    "minimum_metric": replace(GOOD, metric=None),
    "no_worse_than_champion": _champion(difference=None),
    "calibration_error": replace(GOOD, expected_calibration_error=None),
    "brier_score": replace(GOOD, brier_score=None),
    "worst_slice": replace(GOOD, slices=(SliceScore("a", 9, 0.9), SliceScore("b", 0, None))),
    "prediction_latency": replace(GOOD, latency_seconds=None),
    "artifact_size": replace(GOOD, artifact_bytes=None),
    "champion_disagreement": _champion(disagreement=None),
    "label_prevalence": replace(GOOD, prevalence={}),
    "robustness": replace(GOOD, stress=None),
}

each_gate = pytest.mark.parametrize("gate", GATES, ids=lambda gate: gate.name)


def test_the_set_of_gates_is_complete() -> None:
    assert [gate.name for gate in GATES] == [
        "minimum_metric",
        "no_worse_than_champion",
        "calibration_error",
        "brier_score",
        "worst_slice",
        "prediction_latency",
        "artifact_size",
        "champion_disagreement",
        "label_prevalence",
        "robustness",
    ]


def test_a_good_candidate_passes_every_gate() -> None:
    assert {result.name: result.outcome for result in judge_all(GOOD)} == {
        gate.name: Outcome.PASSED for gate in GATES
    }


@each_gate
def test_nan_is_refused(gate: Gate) -> None:
    result = gate.judge(WORSENED[gate.name](math.nan))
    assert result.outcome is Outcome.FAILED
    assert "could not be measured" in result.sentence
    assert result.value is None


@each_gate
def test_a_missing_number_is_refused(gate: Gate) -> None:
    assert gate.judge(MISSING[gate.name]).outcome is Outcome.FAILED


@each_gate
def test_infinity_in_the_bad_direction_is_refused(gate: Gate) -> None:
    assert gate.judge(WORSENED[gate.name](math.inf)).outcome is Outcome.FAILED


@each_gate
def test_a_bad_number_is_refused_by_this_gate_alone(gate: Gate) -> None:
    results = judge_all(WORSENED[gate.name](10_000.0))
    assert [result.name for result in results if result.outcome is Outcome.FAILED] == [gate.name]


@each_gate
@given(x=st.floats(0, 2, allow_nan=False))
def test_the_sentence_tells_the_value_and_the_bound(gate: Gate, x: float) -> None:
    result = gate.judge(WORSENED[gate.name](x))
    assert result.value is not None
    assert result.bound is not None
    if gate.name == "label_prevalence":
        assert f"{result.bound:.4g}" in result.sentence
    else:
        scale = 1000.0 if gate.name == "prediction_latency" else 1.0
        value, bound = tell(result.value * scale, result.bound * scale)
        assert value in result.sentence
        assert bound in result.sentence
    assert result.sentence.endswith(".")
    assert "{" not in result.sentence


@each_gate
@given(x=st.floats(-2, 2000), more=st.floats(0, 2000))
def test_a_worse_number_never_turns_a_refusal_into_a_pass(gate: Gate, x: float, more: float) -> None:
    if gate.name == "label_prevalence":
        x = abs(x)
    before = gate.judge(WORSENED[gate.name](x))
    after = gate.judge(WORSENED[gate.name](x + more))
    assert not (before.outcome is Outcome.FAILED and after.outcome is Outcome.PASSED)


@each_gate
@given(x=st.floats(-2, 2000))
def test_a_passed_value_is_on_the_right_side_of_its_bound(gate: Gate, x: float) -> None:
    """The recorded numbers alone explain the verdict."""
    if gate.name == "label_prevalence":
        return
    result = gate.judge(WORSENED[gate.name](x))
    assert result.value is not None
    assert result.bound is not None
    wants_more = gate.name in {"minimum_metric", "no_worse_than_champion", "worst_slice"}
    right = result.value >= result.bound if wants_more else result.value <= result.bound
    assert (result.outcome is Outcome.PASSED) == right


def test_a_first_version_has_no_champion_to_be_compared_with() -> None:
    results = {result.name: result.outcome for result in judge_all(replace(GOOD, champion=None))}
    for name in ("no_worse_than_champion", "champion_disagreement", "label_prevalence"):
        assert results[name] is Outcome.NOT_APPLICABLE
    assert results["minimum_metric"] is Outcome.PASSED


def test_the_metric_sentence_reads_as_a_person_would_say_it() -> None:
    assert _sentence("minimum_metric", replace(GOOD, metric=Interval(0.82, 0.79, 0.86))) == (
        "Accuracy is 0.820 (95% interval 0.790 to 0.860); the lower end is below the required 0.85."
    )


def test_latency_is_told_in_milliseconds() -> None:
    assert _sentence("prediction_latency", replace(GOOD, latency_seconds=0.00145)) == (
        "Predicting one row takes 1.45 ms at the 95th percentile, which is within the allowed 50 ms."
    )


def test_what_keeps_a_comparison_from_being_even_is_told() -> None:
    sentence = _sentence("no_worse_than_champion", _champion(caveat="Version 3 saw them before."))
    assert sentence == (
        "Accuracy minus that of version 3 on the same 120 rows is 0.00 (95% interval -0.0100 to 0.0100); "
        "the lower end meets the required -0.03. Version 3 saw them before."
    )


def test_a_slice_without_a_number_is_named() -> None:
    assert _sentence("worst_slice", MISSING["worst_slice"]) == (
        "Accuracy of the worst slice, 'b' with 0 test rows, could not be measured (it is missing); "
        "at least 0.7 is required."
    )


def test_a_near_miss_shows_enough_digits_to_be_believed() -> None:
    sentence = _sentence("minimum_metric", replace(GOOD, metric=Interval(0.9, 0.84998, 0.9)))
    assert sentence.startswith("Accuracy is 0.900 (95% interval 0.84998 to 0.900)")


def test_labels_that_left_the_expected_range_are_refused_without_a_champion() -> None:
    bounds = BOUNDS.model_copy(update={"expected_prevalence": {"yes": ShareRange(min=0.2, max=0.4)}})
    result = _judge("label_prevalence", replace(GOOD, bounds=bounds, champion=None))
    assert result.outcome is Outcome.FAILED
    assert result.sentence == (
        "The share of 'yes' among the training labels is 0.450, "
        "outside the range 0.2 to 0.4 that model.yaml expects."
    )


def test_a_class_that_vanished_is_refused() -> None:
    assert _judge("label_prevalence", replace(GOOD, prevalence={"no": 1.0})).outcome is Outcome.FAILED


def test_a_champion_of_equal_quality_that_says_the_opposite_is_refused() -> None:
    """Labels flipped throughout leave every metric as it was."""
    results = judge_all(_champion(disagreement=0.97))
    assert [result.name for result in results if result.outcome is Outcome.FAILED] == [
        "champion_disagreement"
    ]


def _judge(name: str, evidence: Evidence) -> GateResult:
    return next(gate for gate in GATES if gate.name == name).judge(evidence)


def _sentence(name: str, evidence: Evidence) -> str:
    return _judge(name, evidence).sentence
