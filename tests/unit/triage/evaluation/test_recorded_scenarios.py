"""What the reports on all recorded scenarios must never do, and that the figures are what is promised."""

from __future__ import annotations

from pathlib import Path

import pytest

from triage.evaluation.running import Evaluation, evaluate
from triage.evaluation.scenario import scenarios
from triage.evaluation.targets import missed

ROOT = Path(__file__).resolve().parents[3] / "scenarios" / "triage"


@pytest.fixture(scope="module")
def evaluation() -> Evaluation:
    return evaluate(scenarios(ROOT), lambda _scenario: None)


def test_no_target_is_missed(evaluation: Evaluation):
    assert missed(evaluation.scores) == []


def test_every_citation_holds(evaluation: Evaluation):
    wrong = [one.scenario.name for one in evaluation.scores if one.valid_citations != one.citations]
    assert wrong == []


def test_nothing_planted_gets_out(evaluation: Evaluation):
    assert {one.scenario.name: one.leaked for one in evaluation.scores if one.leaked} == {}
