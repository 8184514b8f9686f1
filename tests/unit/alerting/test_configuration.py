from __future__ import annotations

from pathlib import Path

import pytest

from alerting.alertmanager import MAX_ALERTS, SYMPTOMS, Webhooks, alertmanager_config
from alerting.durations import to_milliseconds
from alerting.pace import Pace
from alerting.prometheus import PrometheusPlaces, prometheus_config, targets_from_files
from alerting.rendering import render_prometheus
from alerting.rules_file import load_rules, rule_files
from alerting.services import services
from homeostat.errors import ConfigError

ROOT = Path(__file__).parents[3]
WEBHOOKS = Webhooks(
    "http://triage/webhooks/alertmanager", "http://triage/webhooks/heartbeat", Path("/secret/token")
)
PACES = [Pace(divisor) for divisor in (1, 30, 600)]


def test_every_webhook_carries_the_token_from_its_file_and_no_other_authorization():
    receivers = alertmanager_config(WEBHOOKS, Pace())["receivers"]
    webhooks = [webhook for receiver in receivers for webhook in receiver["webhook_configs"]]
    assert [webhook["url"] for webhook in webhooks] == [WEBHOOKS.alerts, WEBHOOKS.heartbeat]
    for webhook in webhooks:
        assert webhook["http_config"] == {
            "authorization": {"type": "Bearer", "credentials_file": "/secret/token"},
            "follow_redirects": False,
        }
        assert webhook["max_alerts"] == MAX_ALERTS


def test_triage_hears_of_the_end_of_an_alert():
    triage = next(
        found for found in alertmanager_config(WEBHOOKS, Pace())["receivers"] if found["name"] == "triage"
    )
    assert all(webhook["send_resolved"] for webhook in triage["webhook_configs"])


@pytest.mark.parametrize("pace", PACES, ids=str)
def test_each_turn_of_the_heartbeat_repeats_it(pace):
    heartbeat = alertmanager_config(WEBHOOKS, pace)["route"]["routes"][0]
    assert to_milliseconds(heartbeat["repeat_interval"]) < to_milliseconds(heartbeat["group_interval"])


def test_an_outage_of_a_model_mutes_its_other_alerts_and_none_that_may_be_its_cause():
    alerts = {str(rule.alert) for rules in rule_files(ROOT).values() for rule in rules.alerts}
    assert set(SYMPTOMS) == {name for name in alerts if name.startswith("Model")} - {"ModelEndpointDown"}


@pytest.mark.parametrize("pace", PACES, ids=str)
def test_a_scrape_is_over_before_the_next_one_begins(pace):
    scraped = [targets_from_files(Path("/targets"), pace)]
    timing = prometheus_config(PrometheusPlaces(scraped, [], "127.0.0.1:1"), pace)["global"]
    assert to_milliseconds(timing["scrape_timeout"]) <= to_milliseconds(timing["scrape_interval"])


def test_rules_that_left_the_repository_leave_the_site_too(tmp_path):
    (tmp_path / "rules").mkdir()
    stale = tmp_path / "rules" / "Gone.yaml"
    stale.write_text("groups: []\n", encoding="utf-8")
    render_prometheus(ROOT, tmp_path, tmp_path / "targets", "127.0.0.1:1", Pace())
    assert not stale.exists()
    for name, rules in rule_files(ROOT).items():
        assert load_rules(tmp_path / "rules" / name) == rules


def test_rendering_again_writes_the_same(tmp_path):
    def rendered() -> dict[str, bytes]:
        render_prometheus(ROOT, tmp_path, tmp_path / "targets", "127.0.0.1:1", Pace(30))
        return {path.name: path.read_bytes() for path in tmp_path.rglob("*.y*ml")}

    assert rendered() == rendered()


def test_alertmanager_waits_for_triage_and_both_are_watched_themselves(new_site):
    declared = {service.name: service for service in services(new_site())}
    assert declared["alertmanager"].needs == ("triage",)
    assert {service.metrics_path for service in declared.values()} == {"/metrics"}
    assert {service.health_path for service in declared.values()} == {"/-/ready"}


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        ("{record: a, alert: b, expr: x}", "either 'record' or 'alert'"),
        ("{alert: Slow, expr: x, labels: {severity: page}}", "the alert Slow must have a label severity"),
        ("{alert: Slow, expr: x, labels: {severity: critical}}", "summary, description and runbook_url"),
        ("{record: a, expr: x, for: five minutes}", "is not a duration such as 5m"),
        ("{record: a, expr: 'rate(x[2 * 5m])'}", "holds no plain duration"),
        ("{record: a, expresion: x}", "did you mean 'expr'?"),
    ],
)
def test_a_mistake_in_a_rule_is_told_in_a_sentence(tmp_path, rule, sentence):
    path = tmp_path / "rules.yaml"
    path.write_text(f"groups: [{{name: g, rules: [{rule}]}}]\n", encoding="utf-8")
    with pytest.raises(ConfigError) as raised:
        load_rules(path)
    assert sentence in str(raised.value)
