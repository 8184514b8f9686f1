"""What the cluster's Prometheus really sees: every target answers, and every metric asked for is there."""

from __future__ import annotations

import pytest

from tests.cluster.live import Live, eventually
from tests.contract.observability.exporters import listed

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(900)]

#: pages that only a cluster has; kube-state-metrics is the homelab's
EXPORTERS = (
    "kubelet",
    "cadvisor",
    "probes",
    "resource",
    "apiserver",
    "argocd",
    "node-exporter",
    "prometheus",
    "alertmanager",
)
SERVICES = {
    "alertmanager",
    "apiserver",
    "argocd-application-controller",
    "argocd-repo-server",
    "cadvisor",
    "kubelet",
    "node-exporter",
    "probes",
    "prometheus",
    "resource",
    "triage",
}


def asked(live: Live, query: str) -> list[dict[str, str]]:
    """The labels of what a query selects at this moment."""
    answer = live.ask("prometheus", "observability", "/api/v1/query", query=query)
    return [found["metric"] for found in answer["data"]["result"]]


def test_every_target_answers(live: Live) -> None:
    def all_up() -> bool:
        return asked(live, "up == 0") == [] and {found["service"] for found in asked(live, "up")} >= SERVICES

    eventually(all_up)


@pytest.mark.parametrize("exporter", EXPORTERS)
def test_an_exporter_exports_what_its_list_says(live: Live, exporter: str) -> None:
    missing = listed(exporter)

    def exported() -> bool:
        missing.difference_update({name for name in missing if asked(live, f'count({{__name__="{name}"}})')})
        return not missing

    eventually(exported)


def test_a_model_server_bears_the_labels_that_rules_ask_for(live: Live) -> None:
    def labelled() -> bool:
        found = asked(live, 'up{tier="model-server"} == 1')
        return bool(found) and all(one["service"] == f"model-{one['model']}" for one in found)

    eventually(labelled)


def test_the_claims_of_the_observers_tell_how_full_they_are(live: Live) -> None:
    def told() -> bool:
        found = asked(live, 'kubelet_volume_stats_available_bytes{namespace="observability"}')
        return {"prometheus", "alertmanager"} <= {one["persistentvolumeclaim"] for one in found}

    eventually(told)
