"""Statistics in files that people saved: tables, CSV, JSON and plain lines, whatever they call things."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.evidence.drift.text import observe_drift
from triage.evidence.item import Observation
from triage.evidence.tail import numbered

SEEN = Path(__file__).parents[3] / "scenarios" / "triage" / "seen"


def observed(text: str) -> list[Observation]:
    return list(observe_drift(numbered(text.rstrip("\n").split("\n"))))


def only(text: str) -> dict[str, Any]:
    (one,) = observed(text)
    return {**one.texts, **one.numbers, "line": one.line}


def test_a_table_by_blanks_with_a_rule_and_a_title() -> None:
    text = (
        "churn v9 against the 14 days before (n=2,000)\n\n"
        "feature   mean before  mean now  KS     p-value  verdict\n"
        "--------  -----------  --------  -----  -------  -------\n"
        "age       40.1         47.9      0.310  1e-40    DRIFT\n"
    )
    assert only(text) == {
        "statistic": "feature_shift", "feature": "age", "window": "14d", "baseline": 40.1, "current": 47.9,
        "effect": 0.31, "p_value": 1e-40, "n": 2000.0, "threshold": 0.0, "line": 5,
    }  # fmt: skip


@pytest.mark.parametrize(
    "header",
    [
        "column,reference,current,ks_statistic,p_value",
        "feature\ttrain\tlive\tD\tpval",
        "| variable | expected | actual | wasserstein distance | p value |",
        "name;baseline;production;effect size;p",
    ],
)
def test_columns_are_known_by_many_names(header: str) -> None:
    mark = next(mark for mark in "|\t,;" if mark in header)
    cells = mark.join(["age", "40", "48", "0.3", "0.001"])
    row = f"| {cells} |" if mark == "|" else cells
    found = only(f"{header}\n{row}\n")
    wanted = ("statistic", "feature", "baseline", "current", "effect", "p_value")
    assert {key: found[key] for key in wanted} == {
        "statistic": "feature_shift", "feature": "age", "baseline": 40.0, "current": 48.0, "effect": 0.3,
        "p_value": 0.001,
    }  # fmt: skip


def test_a_markdown_tables_rule_is_no_row() -> None:
    text = "| feature | before | now | KS |\n|---|---|---|---|\n| age | 1 | 2 | 0.5 |\n"
    assert only(text)["line"] == 3


def test_a_table_of_measures_names_each() -> None:
    text = (
        "metric,baseline,current,allowed\naccuracy,0.91,0.84,0.03\n"
        "log loss,0.2,0.4,0.1\nconfidence variance,0.01,0.03,\n"
    )
    assert [one.texts["statistic"] for one in observed(text)] == ["accuracy", "confidence_variance"]


def test_a_table_of_importances_is_no_shift() -> None:
    text = "feature,importance before,importance now\nage,0.4,0.1\n"
    assert only(text)["statistic"] == "importance"


def test_shares_of_callers_are_told_one_by_one() -> None:
    text = (
        "region  before  share  now  share now\n"
        "eu      90      90.0%  50   50.0%\n"
        "us      10      10.0%  50   50.0%\n"
    )
    first, second = observed(text)
    assert (first.texts["value"], first.numbers["baseline"], first.numbers["current"]) == ("eu", 0.9, 0.5)
    assert second.numbers["n"] == 100


def test_a_stability_index_is_preferred_to_nothing_and_tested_by_nothing() -> None:
    found = only("feature,before,now,psi,n\nage,1,2,0.4,500\n")
    assert found["effect"] == 0.4
    assert "n" not in found


def test_json_under_any_keys_cites_the_present_value() -> None:
    content = {"features": {"age": {"ks": 0.3, "p_value": 0.001}}, "accuracy": {"ref": 0.9, "now": 0.8}}
    text = json.dumps(content, indent=1)
    shift, accuracy = observed(text)
    assert (shift.texts["feature"], shift.line) == ("age", 4)
    assert (accuracy.texts["statistic"], accuracy.line, accuracy.numbers["current"]) == ("accuracy", 10, 0.8)


def test_json_in_a_list_names_its_features() -> None:
    text = '[{"column": "age", "drift_score": 0.3, "drift_detected": true}]'
    found = only(text)
    assert (found["feature"], found["effect"], found["threshold"]) == ("age", 0.3, 0.0)


def test_our_own_event_is_understood() -> None:
    one = {"statistic": "accuracy", "window": "14d", "baseline": 0.9, "current": 0.7, "n": 900}
    text = json.dumps({"statistics": [one]})
    found = only(text)
    assert (found["statistic"], found["window"], found["n"]) == ("accuracy", "14d", 900.0)


def test_an_arrow_and_its_tests() -> None:
    found = only("body size   mean 1.2 -> 5.7   KS 0.402  p 0.0e+00")
    assert (found["statistic"], found["baseline"], found["current"]) == ("request_metadata", 1.2, 5.7)
    assert (found["effect"], found["p_value"]) == (0.402, 0.0)


def test_lines_of_one_measure_are_one_statistic() -> None:
    found = only("accuracy 30 days before  0.82\naccuracy now  0.74\nallowed drop  0.03\n")
    assert found == {
        "statistic": "accuracy", "window": "30d", "baseline": 0.82, "current": 0.74, "threshold": 0.03,
        "line": 2,
    }  # fmt: skip


def test_a_measure_by_day_is_compared_with_three_baselines() -> None:
    days = [f"2026-10-{day:02},1000,{0.9 - 0.004 * day:.4f}" for day in range(1, 32)]
    found = observed("\n".join(["day,n,accuracy", *days]))
    assert [one.texts["window"] for one in found] == ["7d", "14d", "30d"]
    losses = [one.numbers["baseline"] - one.numbers["current"] for one in found]
    assert losses == sorted(losses)
    assert all(one.line == 32 for one in found)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[1, 2",
        "NAME  READY  STATUS\nweb-0  1/1  Running\n",
        "2026-11-21T00:00:00Z INFO started\n2026-11-21T00:00:01Z ERROR connection refused\n",
        "a,b\n1,2\n",
        "feature,before,now,KS\nage,n/a,n/a,n/a\n",
    ],
)
def test_what_is_no_report_of_drift_yields_nothing(text: str) -> None:
    assert observed(text) == []


@given(st.text(alphabet='abcdef0123456789 .,|:%->\n={}[]"accuracypsi', max_size=400))
def test_no_text_breaks_the_reading(text: str) -> None:
    lines = numbered(text.split("\n"))
    numbers = {line.number for line in lines}
    assert all(one.line in numbers for one in observe_drift(lines))


@pytest.mark.parametrize(
    "path", sorted(SEEN.glob("drift-*/evidence/*")), ids=lambda path: f"{path.parts[-3]}-{path.name}"
)
def test_every_recorded_report_is_understood(path: Path) -> None:
    assert observed(path.read_text())
