"""What the cluster's manifests take from this room, written into the repository for Argo CD to read.

Argo CD renders kustomize and runs no code of ours. So the configurations, the dashboards and the lists of
files for kustomize are committed, and a test compares them with what this makes. Rules are not copied:
``alerting/`` is itself a kustomize base, which ``manifests/prometheus`` includes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from alerting.alertmanager import Webhooks, alertmanager_config
from alerting.kubernetes_jobs import kubernetes_jobs
from alerting.pace import Pace
from alerting.prometheus import PrometheusPlaces, prometheus_config
from alerting.rules_file import RULES, rule_files
from homeostat import atomic
from homeostat.yaml_text import to_yaml

ALERTMANAGER = "alertmanager.observability:9093"
TRIAGE = "http://triage.observability:8090"
#: where the pods find what their manifests mount
RULES_MOUNT = Path("/etc/prometheus/rules")
TOKEN_MOUNT = Path("/run/secrets/triage-webhook/token")

_NOTICE = "# Written by `homeostat alerting export`: change alerting/, not this.\n"
_PROMETHEUS = Path("manifests/prometheus/base/prometheus.yml")
_ALERTMANAGER = Path("manifests/alertmanager/base/alertmanager.yml")
_RULES_BASE = Path("alerting/kustomization.yaml")
_DASHBOARDS = Path("alerting/dashboards")


def exported(root: Path) -> Mapping[Path, str]:
    """Every file, by its path in the repository at ``root``.

    Raises:
        ConfigError: when a file of rules is wrong.
    """
    rules = rule_files(root)
    dashboards = _dashboards()
    return {
        _PROMETHEUS: _NOTICE + to_yaml(_prometheus()),
        _ALERTMANAGER: _NOTICE + to_yaml(_alertmanager()),
        _RULES_BASE: _base("prometheus-rules", (f"{RULES.name}/{name}" for name in rules)),
        _DASHBOARDS / "kustomization.yaml": _base("grafana-dashboards", dashboards),
        **{_DASHBOARDS / name: text for name, text in dashboards.items()},
    }


def export(root: Path) -> Iterable[Path]:
    """Write what differs; return the paths that were written."""
    for path, text in exported(root).items():
        file = root / path
        if not file.is_file() or file.read_text(encoding="utf-8") != text:
            atomic.write_text(file, text)
            yield path


def _prometheus() -> Mapping[str, Any]:
    places = PrometheusPlaces(kubernetes_jobs(), [RULES_MOUNT / "*.yaml"], ALERTMANAGER)
    return prometheus_config(places, Pace())


def _alertmanager() -> Mapping[str, Any]:
    webhooks = Webhooks(f"{TRIAGE}/webhooks/alertmanager", f"{TRIAGE}/webhooks/heartbeat", TOKEN_MOUNT)
    return alertmanager_config(webhooks, Pace())


def _dashboards() -> Mapping[str, str]:
    from alerting.dashboards.catalogue import BOARDS  # noqa: PLC0415 - the library takes a while to import
    from alerting.dashboards.drawing import to_json  # noqa: PLC0415

    return {f"{name}.json": to_json(board) for name, board in BOARDS.items()}


def _base(config_map: str, files: Iterable[str]) -> str:
    """A kustomize base of one ConfigMap; kustomize takes no patterns, so each file is named."""
    content = {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "configMapGenerator": [{"name": config_map, "files": list(files)}],
    }
    return _NOTICE + to_yaml(content)
