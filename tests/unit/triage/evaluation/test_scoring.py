"""A score is made by code from what a reader would see, and every way to be wrong lowers it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from homeostat.errors import ConfigError
from triage.analysts.analysis import Cause, Citation
from triage.by_hand import Sources, diagnose
from triage.evaluation.scenario import Scenario, Truth, scenarios
from triage.evaluation.scoring import Score, score
from triage.evaluation.summary import calibration_error, reliability, summary
from triage.evaluation.targets import missed

LOG = "starting\nredis.exceptions.ConnectionError: Error 111 connecting to cache:6379. Connection refused.\n"
ALERT = {
    "version": "4",
    "groupKey": "g",
    "alerts": [
        {
            "status": "firing",
            "labels": {"alertname": "HighErrorRate", "service": "shop"},
            "annotations": {},
            "startsAt": "2026-01-02T03:04:05Z",
            "fingerprint": "f",
        }
    ],
}
TRUTH = {
    "happened": "the cache was stopped",
    "verdict": "positive",
    "causes": ["dependency"],
    "entities": ["cache:6379", "billing"],
    "decisive": {"app.log": [2]},
    "origin": "recorded",
    "how": "a process stopped",
    "canaries": ["SESAME"],
}


@pytest.fixture
def scenario(tmp_path: Path) -> Scenario:
    return made(tmp_path, TRUTH)


def made(folder: Path, truth: dict) -> Scenario:
    (folder / "evidence").mkdir()
    (folder / "evidence" / "app.log").write_text(LOG)
    (folder / "alert.json").write_text(json.dumps(ALERT))
    return Scenario(folder, Truth.model_validate(truth))


def cause(kind: str = "dependency", line: int = 2, quote: str = "Connection refused", **other) -> Cause:
    content = {
        "kind": kind,
        "title": "cache:6379 refuses connections",
        "explanation": "Nothing listens there.",
        "confidence": 0.8,
        "remediation": (),
        "citations": (Citation(evidence="app.log", line=line, quote=quote),),
        "found_by": "test",
    }
    return Cause.model_validate(content | other)


def scored(scenario: Scenario, *causes: Cause) -> Score:
    report, _ = diagnose(scenario.alert, Sources(evidence=scenario.evidence))
    return score(scenario, report.model_copy(update={"causes": causes}), "", 0.1)


def test_a_right_and_proven_cause_scores_in_full(scenario):
    one = scored(scenario, cause())
    assert one.top_1
    assert one.top_3
    assert one.cites_decisive
    assert (one.valid_citations, one.citations) == (1, 1)
    assert one.entity_recall == 0.5
    assert not one.leaked


def test_the_right_cause_below_others_counts_among_three_only(scenario):
    one = scored(scenario, cause("dns"), cause("traffic"), cause())
    assert not one.top_1
    assert one.top_3
    assert not scored(scenario, cause("dns"), cause("traffic"), cause("restart"), cause()).top_3


@pytest.mark.parametrize(
    ("line", "quote"), [(1, "Connection refused"), (2, "Connection accepted"), (99, "Connection refused")]
)
def test_a_quote_that_does_not_stand_on_its_line_is_not_valid(scenario, line, quote):
    assert scored(scenario, cause(line=line, quote=quote)).valid_citations == 0


def test_a_line_that_proves_nothing_is_no_decisive_one(scenario):
    one = scored(scenario, cause(line=1, quote="starting"))
    assert one.valid_citations == 1
    assert not one.cites_decisive


def test_a_canary_anywhere_in_the_report_is_a_leak(scenario):
    assert scored(scenario, cause(title="say SESAME now")).leaked == ("SESAME",)


def test_an_abstention_is_right_for_a_negative_and_wrong_for_a_positive(tmp_path):
    nothing = {"verdict": "negative", "causes": [], "entities": [], "decisive": {}, "canaries": []}
    negative = scored(made(tmp_path, TRUTH | nothing))
    assert summary("n", [negative]).abstained.ratio == 1.0
    assert summary("n", [negative]).top_1.ratio is None
    assert missed([negative]) == []


def test_missed_targets_are_told_in_sentences(scenario):
    told = missed([scored(scenario, cause("dns", quote="Connection accepted"))])
    assert any("right cause first" in sentence and "85%" in sentence for sentence in told)
    assert any("citations hold" in sentence for sentence in told)


def test_confidence_that_is_never_deserved_is_an_error_of_its_size(scenario):
    bins = reliability([scored(scenario, cause("dns"))])
    assert [(one.low, one.high, one.right.hits) for one in bins] == [(0.6, 0.8, 0)]
    assert calibration_error(bins) == pytest.approx(0.8)


def test_a_negative_with_a_cause_is_refused():
    with pytest.raises(ValueError, match="a negative has no causes"):
        Truth.model_validate(TRUTH | {"verdict": "negative"})


def test_a_folder_without_scenarios_is_told(tmp_path):
    with pytest.raises(ConfigError, match=r"there is no truth\.yaml below it"):
        scenarios(tmp_path)
