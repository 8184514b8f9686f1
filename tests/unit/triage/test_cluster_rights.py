"""What triage's service account may do, tried for real with the role that the manifests give it."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator

import httpx
import pytest

from tests.unit.triage.cluster import NAMESPACE, Cluster, pod, rights_of_triage, status_of

pytestmark = [pytest.mark.go, pytest.mark.timeout(1500)]

READ = (
    f"/api/v1/namespaces/{NAMESPACE}/pods",
    "/api/v1/pods",
    f"/api/v1/namespaces/{NAMESPACE}/events",
    f"/api/v1/namespaces/{NAMESPACE}/persistentvolumeclaims",
    f"/apis/apps/v1/namespaces/{NAMESPACE}/deployments",
    f"/apis/apps/v1/namespaces/{NAMESPACE}/replicasets",
    f"/apis/apps/v1/namespaces/{NAMESPACE}/statefulsets",
    f"/apis/apps/v1/namespaces/{NAMESPACE}/daemonsets",
    f"/apis/batch/v1/namespaces/{NAMESPACE}/jobs",
    f"/apis/serving.kserve.io/v1beta1/namespaces/{NAMESPACE}/inferenceservices",
    "/apis/argoproj.io/v1alpha1/namespaces/argocd/applications",
)
SECRET = (
    "/api/v1/secrets",
    f"/api/v1/namespaces/{NAMESPACE}/secrets",
    "/api/v1/namespaces/argocd/secrets/argocd-secret",
    f"/api/v1/namespaces/{NAMESPACE}/configmaps",
    f"/api/v1/namespaces/{NAMESPACE}/serviceaccounts",
    "/apis/rbac.authorization.k8s.io/v1/clusterroles",
)


@pytest.fixture
def triage(cluster: Cluster) -> Iterator[httpx.Client]:
    """A client with a token of triage's service account."""
    with cluster.server.client(cluster.token("triage")) as client:
        yield client


@pytest.mark.parametrize("path", READ)
def test_it_reads_what_evidence_is_made_of(triage: httpx.Client, path: str) -> None:
    assert triage.get(path).status_code == 200


def test_it_may_read_logs(cluster: Cluster, triage: httpx.Client) -> None:
    cluster.pod("talks", status_of({"state": {"running": {}}}))
    # no kubelet runs here: anything but a refusal shows that the right is there
    answer = triage.get(f"/api/v1/namespaces/{NAMESPACE}/pods/talks/log")
    assert answer.status_code not in {401, 403}, answer.text


@pytest.mark.parametrize("path", SECRET)
def test_it_reads_no_secrets_and_nothing_like_them(triage: httpx.Client, path: str) -> None:
    assert triage.get(path).status_code == 403


@pytest.mark.parametrize("path", READ)
@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_it_makes_nothing_and_deletes_no_collection(triage: httpx.Client, path: str, method: str) -> None:
    assert triage.request(method, path, json={}).status_code == 403


@pytest.mark.parametrize("path", READ)
@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_it_changes_and_deletes_no_object(triage: httpx.Client, path: str, method: str) -> None:
    headers = {"content-type": "application/merge-patch+json"} if method == "PATCH" else {}
    assert triage.request(method, f"{path}/any", json={}, headers=headers).status_code in {403, 405}


@pytest.mark.parametrize(
    "sub", ["exec?command=id", "attach", "portforward", "proxy", "eviction", "ephemeralcontainers"]
)
def test_it_enters_no_pod(cluster: Cluster, triage: httpx.Client, sub: str) -> None:
    path = f"/api/v1/namespaces/{NAMESPACE}/pods/any/{sub}"
    for method in ("GET", "POST"):
        assert triage.request(method, path, json={}).status_code in {403, 405}


def test_it_can_not_become_somebody_else(cluster: Cluster, triage: httpx.Client) -> None:
    path = "/api/v1/namespaces/observability/serviceaccounts/triage/token"
    assert triage.post(path, json={}).status_code == 403
    as_admin = {"Impersonate-User": "admin", "Impersonate-Group": "system:masters"}
    assert triage.get("/api/v1/nodes", headers=as_admin).status_code == 403


def test_its_rights_are_listed_by_the_server_as_reading_alone(cluster: Cluster) -> None:
    kubeconfig = cluster.server.kubeconfig_for(cluster.token("triage"), cluster.folder / "triage.kubeconfig")
    listed = subprocess.run(
        [
            cluster.server.kubectl_program,
            f"--kubeconfig={kubeconfig}",
            "auth",
            "can-i",
            "--list",
            "-n",
            NAMESPACE,
        ],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    ).stdout.splitlines()[1:]
    rights = {line.split()[0]: line.rsplit("[", 1)[1].rstrip("]").split() for line in listed if "[" in line}
    # every account may ask what it may do, and read the addresses (in brackets) that tell of the API itself
    granted = {name: verbs for name, verbs in rights.items() if "selfsubject" not in name and name[0] != "["}
    assert "pods/log" in granted
    assert {verb for verbs in granted.values() for verb in verbs} <= {"get", "list"}
    assert not {name for name in granted if "secret" in name or "configmap" in name or "*" in name}


def test_a_role_that_could_write_would_be_noticed(cluster: Cluster) -> None:
    """The tests above can fail: with one more verb the same request is no longer refused."""
    account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "writer"}}
    cluster.make(f"/api/v1/namespaces/{NAMESPACE}/serviceaccounts", account)
    role = next(found for found in rights_of_triage() if found["kind"] == "ClusterRole")
    role["metadata"] = {"name": "triage-that-writes"}
    role["rules"][0]["verbs"] = ["get", "list", "create"]
    cluster.make("/apis/rbac.authorization.k8s.io/v1/clusterroles", role)
    binding = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": "writer"},
        "roleRef": {
            "apiGroup": "rbac.authorization.k8s.io",
            "kind": "ClusterRole",
            "name": "triage-that-writes",
        },
        "subjects": [{"kind": "ServiceAccount", "name": "writer", "namespace": NAMESPACE}],
    }
    cluster.make("/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", binding)
    with cluster.server.client(cluster.token("writer", NAMESPACE)) as writer:
        made = writer.post(READ[0], json=pod("written", {}))
    assert made.status_code == 201
