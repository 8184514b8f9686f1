"""Git is the only way to change the cluster: what differs is put right, and what is deleted comes back."""

from __future__ import annotations

import json

import pytest

from tests.cluster.live import Live, eventually

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(900)]


def replicas(live: Live, deployment: str, namespace: str) -> int:
    return live.get("deployment", deployment, "-n", namespace)["spec"]["replicas"]


def test_a_change_by_hand_is_healed(live: Live) -> None:
    before = replicas(live, "mlflow", "mlops")
    live.kubectl("scale", "deployment/mlflow", "-n", "mlops", "--replicas=0")

    eventually(lambda: replicas(live, "mlflow", "mlops") == before)
    eventually(live.settled)


def test_a_deleted_object_comes_back(live: Live) -> None:
    uid = live.get("service", "triage", "-n", "observability")["metadata"]["uid"]
    live.kubectl("delete", "service", "triage", "-n", "observability")

    def back() -> bool:
        found = live.run("get", "service", "triage", "-n", "observability", "-o", "json")
        return found.returncode == 0 and json.loads(found.stdout)["metadata"]["uid"] != uid

    eventually(back)


def test_a_deleted_application_deletes_no_data(live: Live) -> None:
    claims = {
        claim["metadata"]["name"]: claim["metadata"]["uid"] for claim in live.items("pvc", "-n", "mlops")
    }
    assert claims
    application = next(
        name
        for found in live.items("applications", "-n", "argocd")
        if "mlflow" in (name := found["metadata"]["name"])
    )
    uid = live.get("application", application, "-n", "argocd")["metadata"]["uid"]

    live.kubectl("delete", "application", application, "-n", "argocd", "--wait=true")

    def made_anew() -> bool:
        found = live.run("get", "application", application, "-n", "argocd", "-o", "json")
        return found.returncode == 0 and json.loads(found.stdout)["metadata"]["uid"] != uid

    eventually(made_anew)
    eventually(live.settled)
    after = {
        claim["metadata"]["name"]: claim["metadata"]["uid"] for claim in live.items("pvc", "-n", "mlops")
    }
    assert after == claims
