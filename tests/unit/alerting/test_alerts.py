"""Each alert is a rule, two tests and a page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from alerting.alertmanager import ABOUT
from alerting.checking import rule_tests
from alerting.rules_file import SEVERITIES, rule_files
from homeostat.yaml_text import read_yaml

ROOT = Path(__file__).parents[3]
RUNBOOKS = ROOT / "docs" / "runbooks"
#: alerts that no rule of Prometheus raises: triage makes them of what others send
MADE_BY_TRIAGE = ("ModelDrift", "PipelineFailed")
RULES = [rule for rules in rule_files(ROOT).values() for rule in rules.alerts]
NAMES = sorted({str(rule.alert) for rule in RULES})
OF_MODELS = {"ModelConfidenceShift", "ModelEndpointDown", "ModelErrorRateHigh", "ModelInferenceLatencyHigh"}
OF_THE_PLATFORM = {
    "ApplicationDegraded",
    "ApplicationNotSynced",
    "BackupStale",
    "ContainerOomKilled",
    "MlflowDown",
    "NodeDiskFull",
    "NodeMemoryLow",
    "PodCrashLooping",
    "PodNotReady",
    "TargetDown",
    "TriageDeadLetters",
    "TriageDeliveriesStuck",
    "TriageIntakeFailing",
    "TriageNotWorking",
    "VolumeFull",
}
EXPECTED = OF_MODELS | OF_THE_PLATFORM | {"Watchdog"}


def cases(name: str, kind: str) -> list[dict[str, Any]]:
    content: Any = read_yaml(ROOT / "alerting" / "tests" / f"{name}_{kind}_test.yaml")
    found = [case for test in content["tests"] for case in test.get("alert_rule_test", [])]
    assert found
    assert {case["alertname"] for case in found} == {name}
    return found


def test_the_promised_alerts_are_there():
    assert set(NAMES) == EXPECTED


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.alert}-{rule.labels['severity']}")
def test_an_alert_has_a_severity_and_a_runbook_that_exists(rule):
    assert rule.labels["severity"] in SEVERITIES
    assert rule.annotations["runbook_url"] == f"docs/runbooks/{rule.alert}.md"
    assert (ROOT / rule.annotations["runbook_url"]).is_file()
    assert "$value" in rule.annotations["description"]


@pytest.mark.parametrize("name", NAMES)
def test_each_severity_of_an_alert_is_seen_firing_with_what_it_is_about(name):
    fired = [alert["exp_labels"] for case in cases(name, "fires") for alert in case["exp_alerts"]]
    assert {labels["severity"] for labels in fired} == {
        rule.labels["severity"] for rule in RULES if rule.alert == name
    }
    assert all(set(labels) & set(ABOUT) for labels in fired)
    assert name in OF_THE_PLATFORM or all(labels["model"] for labels in fired)


@pytest.mark.parametrize("name", NAMES)
def test_an_alert_is_seen_silent(name):
    assert all(case["exp_alerts"] == [] for case in cases(name, "silent"))


def test_no_rule_test_is_without_its_alert():
    assert {path.name for path in rule_tests(ROOT)} == {
        f"{name}_{kind}_test.yaml" for name in NAMES for kind in ("fires", "silent")
    }


def test_each_runbook_has_its_alert_and_answers_the_same_questions():
    # pages about alerts bear their names; those in small letters are procedures of other rooms
    pages = {*NAMES, *MADE_BY_TRIAGE}
    assert {path.stem for path in RUNBOOKS.glob("[A-Z]*.md")} - {"README"} == pages
    for name in pages:
        text = (RUNBOOKS / f"{name}.md").read_text(encoding="utf-8")
        assert text.startswith(f"# {name}\n")
        for heading in (
            "What it means",
            "What the user sees",
            "First look",
            "Likely causes",
            "Remediation",
            "Silence",
        ):
            assert f"\n## {heading}" in text, f"{name}.md does not say: {heading}"
