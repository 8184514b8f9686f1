"""The cluster's Alertmanager: who is told, and what is left unsaid, by Alertmanager's own judgement."""

from __future__ import annotations

import subprocess
from typing import Any

import pytest

from alerting.rules_file import rule_files
from homeostat.yaml_text import read_yaml
from tests.contract.overlays import ROOT
from tests.programs import NEWEST, OLDEST, find

CONFIG = ROOT / "manifests/alertmanager/base/alertmanager.yml"
ALERTS = sorted({str(rule.alert) for rules in rule_files(ROOT).values() for rule in rules.alerts})
ROUTES = [
    *(({"alertname": name}, "triage") for name in ALERTS if name != "Watchdog"),
    ({"alertname": "Watchdog", "severity": "none", "model": "none"}, "heartbeat"),
    # only the name makes a heartbeat
    ({"alertname": "WatchdogMissing", "severity": "none"}, "triage"),
    ({"alertname": "ModelEndpointDown", "severity": "none", "model": "none"}, "triage"),
    ({"alertname": "SomethingNew", "severity": "critical", "namespace": "mlops"}, "triage"),
    ({"severity": "critical"}, "triage"),
]


def content() -> dict[str, Any]:
    found: Any = read_yaml(CONFIG)
    return found


@pytest.mark.parametrize("source", [OLDEST, NEWEST])
def test_alertmanager_accepts_its_configuration(source):
    ran = subprocess.run(
        [find(source, "amtool"), "check-config", CONFIG], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr


@pytest.mark.go
@pytest.mark.parametrize(("labels", "receiver"), ROUTES, ids=str)
def test_an_alert_is_led_to_its_receiver_and_no_other(labels, receiver):
    command = [find("go", "amtool"), "config", "routes", "test", f"--config.file={CONFIG}"]
    ran = subprocess.run(
        [*command, *(f"{name}={value}" for name, value in labels.items())],
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.split() == [receiver]


def test_each_receiver_is_a_webhook_of_triage_with_the_token_from_its_file():
    webhooks = [webhook for receiver in content()["receivers"] for webhook in receiver["webhook_configs"]]
    assert [webhook["url"] for webhook in webhooks] == [
        "http://triage.observability:8090/webhooks/alertmanager",
        "http://triage.observability:8090/webhooks/heartbeat",
    ]
    for webhook in webhooks:
        assert webhook["max_alerts"] > 0
        authorization = webhook["http_config"]["authorization"]
        assert set(authorization) == {"type", "credentials_file"}


def test_a_critical_alert_mutes_the_warning_about_the_same_thing_alone():
    equal = set(content()["inhibit_rules"][-1]["equal"])
    assert {"alertname", "model", "node", "namespace", "persistentvolumeclaim"} <= equal
