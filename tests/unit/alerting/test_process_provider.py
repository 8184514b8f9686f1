"""The same rules watch plain processes, where no cluster exports anything: alerts about one stay silent."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from alerting.rules_file import RULES, rule_files
from homeostat.yaml_text import to_yaml

ROOT = Path(__file__).parents[3]
SERVICES = ("prometheus", "alertmanager", "triage")
#: whatever the state of the processes, they can't be told there
OF_A_CLUSTER = {
    "ApplicationDegraded",
    "ApplicationNotSynced",
    "BackupStale",
    "ContainerOomKilled",
    "MlflowDown",
    "NodeDiskFull",
    "NodeMemoryLow",
    "PodCrashLooping",
    "PodNotReady",
    "VolumeFull",
}


def up(value: int, *, model: int) -> list[dict[str, str]]:
    """What is scraped of processes for six hours: services with ``value``, a model server with ``model``."""
    model_server = 'up{job="homeostat", service="model-spam", model="spam", tier="model-server"}'
    return [
        *(
            {"series": f'up{{job="homeostat", service="{name}"}}', "values": f"{value}x72"}
            for name in SERVICES
        ),
        {"series": model_server, "values": f"{model}x72"},
    ]


def silent(tmp_path: Path, series: list[dict[str, str]], alerts: set[str]) -> Path:
    """A test that expects silence of ``alerts`` after one hour and after six."""
    cases: list[dict[str, Any]] = [
        {"alertname": name, "eval_time": time, "exp_alerts": []}
        for name in sorted(alerts)
        for time in ("1h", "6h")
    ]
    content = {
        "rule_files": [str(ROOT / RULES / "*.yaml")],
        "evaluation_interval": "1m",
        "tests": [{"interval": "5m", "input_series": series, "alert_rule_test": cases}],
    }
    path = tmp_path / "silent_test.yaml"
    path.write_text(to_yaml(content), encoding="utf-8")
    return path


def test_while_all_is_well_only_the_watchdog_speaks(checkers, tmp_path):
    names = {str(rule.alert) for rules in rule_files(ROOT).values() for rule in rules.alerts}
    path = silent(tmp_path, up(1, model=1), names - {"Watchdog"})
    assert "SUCCESS" in checkers.run_rule_tests([path])


def test_what_a_cluster_would_tell_stays_silent_even_when_every_process_is_down(checkers, tmp_path):
    path = silent(tmp_path, up(0, model=0), OF_A_CLUSTER)
    assert "SUCCESS" in checkers.run_rule_tests([path])
