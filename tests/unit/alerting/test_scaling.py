from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerting.durations import to_milliseconds, to_text
from alerting.pace import Pace
from alerting.promql import rewrite_durations
from alerting.rules_file import RulesFile, rule_files
from alerting.scaling import divide_durations

ROOT = Path(__file__).parents[3]
DIVISORS = st.floats(min_value=1, max_value=600)


def rules(expr: str, **rule: object) -> RulesFile:
    alert = {
        "alert": "A",
        "expr": expr,
        "labels": {"severity": "warning"},
        "annotations": {"summary": "5m", "description": "[5m]", "runbook_url": "x"},
    }
    return RulesFile.model_validate(
        {"groups": [{"name": "g", "interval": "5m", "rules": [{**alert, **rule}]}]}
    )


def divided(expr: str, divisor: float = 10) -> str:
    return divide_durations(rules(expr), Pace(divisor)).groups[0].rules[0].expr


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("rate(x[5m])", "rate(x[30s])"),
        ("rate(x[1h30m])", "rate(x[9m])"),
        ("rate(x[ 5m ])", "rate(x[ 30s ])"),
        ("rate(x[5m] offset 1h)", "rate(x[30s] offset 6m)"),
        ("rate(x[5m] OFFSET -1h)", "rate(x[30s] OFFSET -6m)"),
        ("max_over_time(rate(x[5m])[1h:5m])", "max_over_time(rate(x[30s])[6m:30s])"),
        ("max_over_time(x[1h:])", "max_over_time(x[6m:])"),
        ("x offset 1w", "x offset 16h48m"),
    ],
)
def test_ranges_offsets_and_subqueries_are_divided(expression, expected):
    assert divided(expression) == expected


@pytest.mark.parametrize(
    "expression",
    [
        'x{a="[5m]"} == 1',
        "x{a='offset 5m'} == 1",
        'x{a="\\"[5m]"} == 1',
        "x{a=~`[5m]\\`} == 1",
        'label_replace(x, "a", "[5m]", "b", "offset 1h")',
        "x # rate(x[5m])\n > 1",
        "job:x5m:rate5m > 5",
        "sum by (offset) (x) > 300",
        'x{offset="1h"} == 1',
    ],
)
def test_what_only_looks_like_a_duration_is_left_alone(expression):
    assert divided(expression) == expression


@pytest.mark.parametrize(
    "expression", ["rate(x[5m * 2])", "rate(x[1m1h])", "x offset (5m)", "rate(x[$range])"]
)
def test_a_duration_that_could_not_be_divided_is_refused(expression):
    with pytest.raises(ValueError, match="duration"):
        rules(expression)


def test_holds_and_the_interval_of_a_group_are_divided_and_words_for_people_are_not():
    before = rules("x > 1", **{"for": "10m", "keep_firing_for": "1h"})
    after = divide_durations(before, Pace(10))
    rule = after.groups[0].rules[0]
    assert (after.groups[0].interval, rule.wait, rule.keep_firing_for) == ("30s", "1m", "6m")
    assert (rule.labels, rule.annotations) == (
        before.groups[0].rules[0].labels,
        before.groups[0].rules[0].annotations,
    )


def test_a_divisor_of_one_changes_nothing_in_the_shipped_rules():
    for name, shipped in rule_files(ROOT).items():
        assert divide_durations(shipped, Pace(1)) == shipped, name


@pytest.mark.parametrize("divisor", [0.5, 0, -1, float("nan")])
def test_a_divisor_that_would_slow_the_rules_is_refused(divisor):
    with pytest.raises(ValueError, match="at least 1"):
        Pace(divisor)


@given(milliseconds=st.integers(min_value=1, max_value=10**10), divisor=DIVISORS)
def test_a_range_keeps_four_scrapes_and_never_grows(milliseconds, divisor):
    pace = Pace(divisor)
    span = to_milliseconds(pace.span(to_text(milliseconds)))
    assert min(milliseconds, 4 * pace.scrape_milliseconds) <= span <= milliseconds


@given(milliseconds=st.integers(min_value=1, max_value=10**10), divisor=DIVISORS)
def test_a_hold_outlasts_one_lost_scrape_and_never_grows(milliseconds, divisor):
    pace = Pace(divisor)
    hold = to_milliseconds(pace.hold(to_text(milliseconds)))
    assert min(milliseconds, 2 * pace.scrape_milliseconds) <= hold <= milliseconds


@given(DIVISORS)
def test_scrapes_come_at_most_every_two_seconds_and_never_slower_than_shipped(divisor):
    assert 2000 <= Pace(divisor).scrape_milliseconds <= 15_000


@given(st.text(alphabet="ab[]\"'`#\\ \n5mx:", max_size=30))
def test_whatever_is_written_either_survives_untouched_or_is_refused(expression):
    try:
        assert rewrite_durations(expression, span=str, step=str) == expression
    except ValueError as error:
        assert "plain duration" in str(error)  # noqa: PT017 - both answers are right
