"""Prometheus's and Alertmanager's own checkers, at both ends of the supported versions."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from alerting.alertmanager import Webhooks
from alerting.checking import rule_tests
from alerting.errors import RulesRejected
from alerting.pace import Pace
from alerting.rendering import render_alertmanager, render_prometheus
from alerting.rules_file import rule_files

ROOT = Path(__file__).parents[3]
WEBHOOKS = ("http://127.0.0.1:1/webhooks/alertmanager", "http://127.0.0.1:1/webhooks/heartbeat")

#: what someone might take out of a rule, and what then must be noticed
MUTATIONS = [
    ("ModelInferenceLatencyHigh", " > 0.5\n", " > 0.4\n"),
    ("ModelInferenceLatencyHigh", "rate > 0.05", "rate > 0"),
    ("ModelInferenceLatencyHigh", "quantile(0.95", "quantile(0.99"),
    ("ModelInferenceLatencyHigh", "for: 5m", "for: 1m"),
    ("ModelErrorRateHigh", "rate > 0.05", "rate > 0"),
    ("ModelErrorRateHigh", "ratio > 0.05", "ratio > 0.03"),
    ("ModelErrorRateHigh", '"5.."', '"[45].."'),
    ("ModelEndpointDown", "max by", "min by"),
    ("ModelEndpointDown", "for: 1m", "for: 15s"),
    ("ModelEndpointDown", '{tier="model-server"}', ""),
    ("ModelConfidenceShift", "> 4 *", "> 0 *"),
    ("ModelConfidenceShift", "difference < -0.1", "difference < -0.01"),
    ("ModelConfidenceShift", "difference > 0.1", "difference > 1"),
    ("Watchdog", "count(up == 1)", "vector(1)"),
    ("ContainerOomKilled", 'container_oom_events_total{pod!=""}', "container_oom_events_total"),
    ("ContainerOomKilled", "or on (namespace, pod) (\n              sum", "or (\n              sum"),
    (
        "ContainerOomKilled",
        "or on (namespace, pod) (\n              namespace",
        "or (\n              namespace",
    ),
    (
        "ContainerOomKilled",
        "and on (namespace, pod) namespace_pod:memory",
        "or on (namespace, pod) namespace_pod:memory",
    ),
    (
        "ContainerOomKilled",
        "(changes(container_start_time_seconds",
        "(count_over_time(container_start_time_seconds",
    ),
    ("ContainerOomKilled", "and on (node)\n", "or on (node)\n"),
    ("ContainerOomKilled", '{reason="OOMKilled"}', ""),
    ("ContainerOomKilled", "group_left (model)", "group_left ()"),
    ("PodNotReady", '(increase(prober_probe_total{probe_type="Readiness"}', "(increase(prober_probe_total{}"),
    ("PodNotReady", 'probe_type="Readiness", result="successful"', 'result="successful"'),
    ("PodNotReady", "for: 10m", "for: 2m"),
    ("PodCrashLooping", '{reason="CrashLoopBackOff"}', ""),
    ("PodCrashLooping", "max_over_time(", "last_over_time("),
    ("ApplicationNotSynced", '!="Synced"', '="OutOfSync"'),
    ("ApplicationNotSynced", "for: 15m", "for: 5m"),
    ("ApplicationDegraded", "|Unknown", "|Unknown|Progressing"),
    ("ApplicationDegraded", "for: 5m", "for: 1m"),
    ("NodeDiskFull", ', fstype!="tmpfs"', ""),
    ("NodeDiskFull", 'node!="", ', ""),
    ("NodeDiskFull", "min by (node, device)", "min by (node, device, mountpoint)"),
    ("NodeDiskFull", "ratio < 0.12", "ratio < 0.1"),
    ("NodeMemoryLow", "< 0.1", "< 0.2"),
    ("NodeMemoryLow", "for: 10m", "for: 2m"),
    ("VolumeFull", "ratio < 0.15", "ratio < 0.2"),
    ("VolumeFull", "min by (namespace, persistentvolumeclaim)", "min by (persistentvolumeclaim)"),
    ("MlflowDown", ', probe_type="Readiness"', ""),
    ("MlflowDown", 'container="mlflow", ', ""),
    ("MlflowDown", '{service="probes"} == 1', "== 1"),
    ("MlflowDown", '{service="probes"} == 1', '{service="probes"}'),
    ("TargetDown", '{tier!="model-server"}', ""),
    ("TargetDown", "for: 10m", "for: 2m"),
    ("BackupStale", '_time{cronjob=~".*backup.*"}', "_time"),
    (
        "BackupStale",
        "or on (namespace, cronjob) kube_cronjob_created",
        "and on (namespace) kube_cronjob_created",
    ),
    ("BackupStale", "26 * 3600", "25 * 3600"),
]


@pytest.mark.parametrize("path", rule_tests(ROOT), ids=lambda path: path.stem.removesuffix("_test"))
def test_an_alert_fires_when_it_should_and_only_then(checkers, path):
    assert "SUCCESS" in checkers.run_rule_tests([path])


@pytest.mark.parametrize("divisor", [1, 30, 600])
def test_what_is_rendered_is_accepted_at_any_pace(checkers, divisor, tmp_path):
    prometheus = render_prometheus(ROOT, tmp_path, tmp_path / "targets", "127.0.0.1:9093", Pace(divisor))
    alertmanager = render_alertmanager(tmp_path, Webhooks(*WEBHOOKS, tmp_path / "token"), Pace(divisor))
    assert f"SUCCESS: {len(rule_files(ROOT))} rule files found" in checkers.check_prometheus(prometheus)
    assert "SUCCESS" in checkers.check_alertmanager(alertmanager)


@pytest.mark.parametrize(
    ("alert", "receiver"),
    [("Watchdog", "heartbeat"), ("ModelEndpointDown", "triage"), ("ContainerOomKilled", "triage")],
)
def test_an_alert_is_routed_to_its_receiver(checkers, alert, receiver, tmp_path):
    config = render_alertmanager(tmp_path, Webhooks(*WEBHOOKS, tmp_path / "token"), Pace(1))
    command = [checkers.amtool, "config", "routes", "test", f"--config.file={config}", f"alertname={alert}"]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert ran.stdout.split() == [receiver]


@pytest.mark.packages
@pytest.mark.parametrize(("alert", "guard", "without"), MUTATIONS)
def test_a_rule_without_one_of_its_guards_is_noticed(oldest_checkers, tmp_path, alert, guard, without):
    for folder in ("rules", "tests"):
        shutil.copytree(ROOT / "alerting" / folder, tmp_path / folder)
    rule = tmp_path / "rules" / f"{alert}.yaml"
    text = rule.read_text(encoding="utf-8")
    assert guard in text
    rule.write_text(text.replace(guard, without), encoding="utf-8")
    with pytest.raises(RulesRejected, match="FAILED"):
        oldest_checkers.run_rule_tests(sorted((tmp_path / "tests").glob(f"{alert}_*.yaml")))


@pytest.mark.packages
def test_a_configuration_that_is_wrong_is_rejected_with_what_the_checker_said(oldest_checkers, tmp_path):
    wrong = tmp_path / "prometheus.yml"
    wrong.write_text("global: {scrape_intervall: 5s}\n", encoding="utf-8")
    with pytest.raises(RulesRejected, match="scrape_intervall"):
        oldest_checkers.check_prometheus(wrong)
