"""Every scenario that triage is judged by is whole: who adds one is told what it lacks before it counts."""

from __future__ import annotations

from pathlib import Path

import pytest

from triage.evaluation.scenario import Scenario, Verdict, scenarios
from triage.senders.alertmanager import load_webhook

ROOT = Path(__file__).resolve().parents[3] / "scenarios" / "triage"
ALL = scenarios(ROOT)


def _lines(scenario: Scenario, name: str) -> list[str]:
    return (scenario.evidence / name).read_text("utf-8").split("\n")


def _everything(scenario: Scenario) -> str:
    files = [scenario.alert, *sorted(scenario.evidence.rglob("*"))]
    return "\n".join(file.read_text("utf-8") for file in files if file.is_file())


@pytest.mark.parametrize("scenario", ALL, ids=lambda one: one.name)
def test_its_alert_is_one_that_alertmanager_could_send(scenario: Scenario):
    assert load_webhook(scenario.alert).alerts


@pytest.mark.parametrize("scenario", ALL, ids=lambda one: one.name)
def test_its_decisive_lines_are_there_and_say_something(scenario: Scenario):
    for file, numbers in scenario.truth.decisive.items():
        lines = _lines(scenario, file)
        empty = [number for number in numbers if number > len(lines) or not lines[number - 1].strip()]
        assert not empty, f"{file} has nothing on {empty}"


@pytest.mark.parametrize("scenario", ALL, ids=lambda one: one.name)
def test_only_what_has_a_cause_has_decisive_lines(scenario: Scenario):
    assert bool(scenario.truth.decisive) == (scenario.truth.verdict is not Verdict.NEGATIVE)


@pytest.mark.parametrize("scenario", ALL, ids=lambda one: one.name)
def test_its_entities_are_named_in_what_triage_is_given(scenario: Scenario):
    everything = _everything(scenario)
    assert [entity for entity in scenario.truth.entities if entity not in everything] == []


def test_a_third_is_held_out():
    share = sum(one.is_held_out for one in ALL) / len(ALL)
    assert 0.25 < share < 0.45, f"{share:.0%} are held out"


def test_names_are_unique_so_that_a_table_can_name_them():
    names = [one.name for one in ALL]
    assert len(set(names)) == len(names)
