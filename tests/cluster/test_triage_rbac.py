"""Triage in the running cluster reads what it explains and can change nothing: tried with its account."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.cluster.live import Live

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(900)]

ACCOUNT = "triage"
NAMESPACE = "observability"
READ = (
    ("pods", "models"),
    ("events", "models"),
    ("persistentvolumeclaims", "mlops"),
    ("deployments.apps", "observability"),
    ("replicasets.apps", "observability"),
    ("inferenceservices.serving.kserve.io", "models"),
    ("applications.argoproj.io", "argocd"),
)


class Triage:
    """kubectl with a fresh token of triage's service account, and with nothing of the administrator's."""

    def __init__(self, live: Live, folder: Path) -> None:
        token = live.kubectl("create", "token", ACCOUNT, "-n", NAMESPACE).strip()
        config = json.loads(live.kubectl("config", "view", "--raw", "--flatten", "-o", "json"))
        config["users"] = [{"name": ACCOUNT, "user": {"token": token}}]
        for context in config["contexts"]:
            context["context"]["user"] = ACCOUNT
        self._kubeconfig = folder / "triage.kubeconfig"
        self._kubeconfig.write_text(json.dumps(config), encoding="utf-8")
        self._kubeconfig.chmod(0o600)
        self._program = live.kubectl_program

    def run(self, *arguments: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
        argv = [self._program, f"--kubeconfig={self._kubeconfig}", *arguments]
        return subprocess.run(argv, input=stdin, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture
def triage(live: Live, tmp_path: Path) -> Triage:
    return Triage(live, tmp_path)


@pytest.mark.parametrize(("kind", "namespace"), READ)
def test_it_reads_what_evidence_is_made_of(triage: Triage, kind: str, namespace: str) -> None:
    ran = triage.run("get", kind, "-n", namespace)
    assert ran.returncode == 0, ran.stderr


def test_it_reads_the_log_of_a_pod(triage: Triage) -> None:
    ran = triage.run("logs", "deployment/triage", "-n", NAMESPACE, "--tail=5")
    assert ran.returncode == 0, ran.stderr


@pytest.mark.parametrize("kind", ["secrets", "configmaps", "serviceaccounts", "clusterroles"])
def test_it_reads_nothing_that_could_hold_a_secret(triage: Triage, kind: str) -> None:
    ran = triage.run("get", kind, "-n", NAMESPACE)
    assert "Forbidden" in ran.stderr


def test_it_can_write_nothing(triage: Triage, live: Live) -> None:
    pod = live.items("pods", "-n", NAMESPACE, "-l", "app.kubernetes.io/name=triage")[0]["metadata"]["name"]
    namespace = ("-n", NAMESPACE)
    attempts = [
        ("delete", "pod", pod, "--wait=false", *namespace),
        ("delete", "pvc", "triage", "--wait=false", *namespace),
        ("label", "pod", pod, "tried=yes", *namespace),
        ("annotate", "deployment", "triage", "tried=yes", *namespace),
        ("scale", "deployment", "triage", "--replicas=0", *namespace),
        ("rollout", "restart", "deployment/triage", *namespace),
        ("exec", pod, *namespace, "--", "id"),
        ("create", "configmap", "tried", *namespace),
        ("create", "token", ACCOUNT, *namespace),
        ("create", "clusterrolebinding", "tried", "--clusterrole=cluster-admin", "--user=triage"),
        ("patch", "applications.argoproj.io", "triage", "-n", "argocd", "--type=merge", "-p", '{"spec":{}}'),
        ("get", "pods", "--as=system:admin", "--as-group=system:masters", *namespace),
    ]
    for attempt in attempts:
        ran = triage.run(*attempt)
        assert ran.returncode != 0, attempt
        assert "orbidden" in ran.stderr, (attempt, ran.stderr)
    assert live.get("pod", pod, *namespace)["metadata"]["labels"].get("tried") is None


def test_the_pod_itself_runs_with_that_account_and_can_write_nowhere_but_its_volumes(live: Live) -> None:
    spec = live.get("deployment", "triage", "-n", NAMESPACE)["spec"]["template"]["spec"]
    assert spec["serviceAccountName"] == ACCOUNT
    script = "import os; open('/etc/tried', 'w') if os.getuid() == 10001 else exit('not 10001')"
    ran = live.run("exec", "deployment/triage", "-n", NAMESPACE, "--", "python", "-c", script)
    assert "Read-only file system" in ran.stderr
