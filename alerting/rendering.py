"""The files that Prometheus and Alertmanager read, written into a folder."""

from __future__ import annotations

from pathlib import Path

from alerting.alertmanager import Webhooks, alertmanager_config
from alerting.pace import Pace
from alerting.prometheus import PrometheusPlaces, prometheus_config, targets_from_files
from alerting.rules_file import rule_files
from alerting.scaling import divide_durations
from homeostat import atomic
from homeostat.yaml_text import to_yaml


def render_prometheus(root: Path, folder: Path, targets: Path, alertmanager: str, pace: Pace) -> Path:
    """Write the repository's rules at ``pace`` and ``prometheus.yml`` into ``folder``; return the latter.

    Args:
        root: the repository whose rules are used.
        folder: where the files go; rules that the repository no longer has are removed from it.
        targets: the folder of ``file_sd`` files.
        alertmanager: host:port.
        pace: how fast the watching runs.

    Raises:
        ConfigError: when a file of rules is wrong; nothing is written then.
    """
    files = {
        folder / "rules" / name: to_yaml(divide_durations(rules, pace).content())
        for name, rules in rule_files(root).items()
    }
    for stale in set((folder / "rules").glob("*.yaml")) - set(files):
        stale.unlink()
    for path, text in files.items():
        atomic.write_text(path, text)
    places = PrometheusPlaces([targets_from_files(targets, pace)], sorted(files), alertmanager)
    return _write(folder / "prometheus.yml", to_yaml(prometheus_config(places, pace)))


def render_alertmanager(folder: Path, webhooks: Webhooks, pace: Pace) -> Path:
    """Write ``alertmanager.yml`` into ``folder`` and return it."""
    return _write(folder / "alertmanager.yml", to_yaml(alertmanager_config(webhooks, pace)))


def _write(path: Path, text: str) -> Path:
    atomic.write_text(path, text)
    return path
