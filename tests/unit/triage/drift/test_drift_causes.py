"""What the four signatures claim, of recorded reports and of events by hand."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from homeostat.errors import ConfigError
from homeostat.yaml_text import read_yaml
from tests.unit.triage.drift.events import event, lost, shifted
from tests.unit.triage.story import Forge
from triage.by_hand import Sources, diagnose
from triage.cli import app
from triage.drift.by_hand import assess_event
from triage.report.document import Report

SEEN = Path(__file__).parents[3] / "scenarios" / "triage" / "seen"
POSITIVE = sorted(path for path in SEEN.glob("drift-*"))
NEGATIVE = [SEEN / "negative-no-drift", SEEN / "negative-cut-drift"]


def assessed(tmp_path: Path, *statistics: dict[str, Any], **changes: Any) -> Report:
    file = tmp_path / "event.json"
    file.write_text(json.dumps(event(*statistics, **changes)))
    report, _ = assess_event(file)
    return report


@pytest.mark.parametrize("scenario", POSITIVE, ids=lambda path: path.name)
def test_a_recorded_drift_is_named_first_and_cites_a_decisive_line(scenario: Path) -> None:
    truth: Any = read_yaml(scenario / "truth.yaml")
    report, _ = diagnose(scenario / "alert.json", Sources(evidence=scenario / "evidence"))
    first = report.causes[0]
    assert first.kind in truth["causes"]
    assert any(one.line in truth["decisive"].get(one.evidence, ()) for one in first.citations)
    said = f"{first.title} {first.explanation}"
    assert all(entity in said for entity in truth["entities"])
    assert "Urgency P" in first.explanation


@pytest.mark.parametrize("scenario", NEGATIVE, ids=lambda path: path.name)
def test_where_nothing_is_significant_nothing_is_claimed(scenario: Path) -> None:
    report, _ = diagnose(scenario / "alert.json", Sources(evidence=scenario / "evidence"))
    assert report.causes == ()
    assert [out.kind for out in report.ruled_out] == ["data-drift"]


def test_concept_drift_is_claimed_less_surely_where_nobody_compared_inputs(tmp_path: Path) -> None:
    known = assessed(tmp_path, lost(0.2), shifted(0.01)).causes[0]
    unknown = assessed(tmp_path, lost(0.2)).causes[0]
    assert (known.kind, unknown.kind) == ("concept-drift", "concept-drift")
    assert unknown.confidence < known.confidence
    assert "could be data drift as well" in unknown.explanation


def test_answers_that_moved_alone_are_data_drift_with_doubts(tmp_path: Path) -> None:
    moved = {
        "statistic": "prediction_shift",
        "window": "7d",
        "baseline": 0.4,
        "current": 0.8,
        "effect": 0.4,
        "n": 900,
    }
    cause = assessed(tmp_path, moved).causes[0]
    assert cause.kind == "data-drift"
    assert cause.confidence <= 0.6
    assert "Nobody compared the inputs" in cause.explanation


def test_a_hand_off_within_the_week_before_makes_a_rollback_the_first_step(tmp_path: Path) -> None:
    forge = Forge.create(tmp_path / "forge")
    forge.hand_off(4, forge.commit_source("x = 1"), datetime.now(UTC) - timedelta(days=1))
    file = tmp_path / "event.json"
    file.write_text(json.dumps(event(lost(0.2), shifted(0.01))))
    report, _ = assess_event(file, forge=forge.bare)
    cause = report.causes[0]
    assert (cause.remediation[0].command or "").startswith("git revert ")
    assert {one.evidence for one in cause.citations} == {"drift", "handoffs"}


def test_the_command_prints_markdown_or_json(tmp_path: Path) -> None:
    file = tmp_path / "event.json"
    file.write_text(json.dumps(event(lost(0.2))))
    told = CliRunner().invoke(app, ["drift", "--event", str(file)])
    assert told.exit_code == 0
    assert "Concept drift, urgency P0" in told.output
    content = json.loads(CliRunner().invoke(app, ["drift", "--event", str(file), "--json"]).output)
    assert content["drift"]["urgency"] == "P0"
    assert content["causes"][0]["citations"][0]["evidence"] == "drift"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [({"resolved": True}, "there is nothing to assess"), ({"model": "A B"}, "must be a model's name")],
)
def test_a_file_that_holds_nothing_to_assess_is_one_sentence(
    tmp_path: Path, changes: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(ConfigError, match=sentence):
        assessed(tmp_path, lost(0.2), **changes)
