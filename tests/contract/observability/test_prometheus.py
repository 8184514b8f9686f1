"""The cluster's Prometheus: its configuration is accepted, and finds what it should with what it may."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from alerting import services
from homeostat.yaml_text import read_yaml, to_yaml
from tests.apiserver import ApiServer, api_server
from tests.contract.overlays import ROOT, Overlay
from tests.contract.rendering import workshop
from tests.programs import BUILD_SECONDS, find

CONFIG = ROOT / "manifests/prometheus/base/prometheus.yml"
LOCAL = Overlay("local", Path("manifests/prometheus/overlays/local"))
READERS = {"get", "list", "watch"}


def content() -> dict[str, Any]:
    found: Any = read_yaml(CONFIG)
    return found


@pytest.mark.go
def test_prometheus_accepts_its_configuration():
    # Debian's is built without Kubernetes
    command = [find("go", "promtool"), "check", "config", "--syntax-only", CONFIG]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_the_cluster_keeps_samples_as_long_as_the_processes_do():
    deployment = (ROOT / "manifests/prometheus/base/deployment.yaml").read_text(encoding="utf-8")
    assert f"--storage.tsdb.retention.time={services._RETENTION_TIME}\n" in deployment


# ---- what it finds, told by promtool from a real API server


@dataclass(frozen=True, slots=True)
class Found:
    """An API server with pods and a node, and Prometheus's own account there."""

    server: ApiServer
    token: str
    folder: Path

    def targets(self, job: str) -> list[Mapping[str, str]]:
        """The labels of the targets of ``job``; those that are equal are one, as Prometheus scrapes them."""
        config = {**content(), "scrape_configs": [self._from_outside(job)]}
        path = self.folder / f"{job}.yml"
        path.write_text(to_yaml(config), encoding="utf-8")
        command = [find("go", "promtool"), "check", "service-discovery", "--timeout=2s", path, job]
        ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
        assert ran.returncode == 0, ran.stdout + ran.stderr
        found = [target["labels"] for target in json.loads(ran.stdout) if target.get("labels")]
        unique: list[Mapping[str, str]] = []
        for labels in map(shown, found):
            unique += [] if labels in unique else [labels]
        return sorted(unique, key=str)

    def _from_outside(self, job: str) -> dict[str, Any]:
        (found,) = (one for one in content()["scrape_configs"] if one["job_name"] == job)
        # the pages of metrics are not asked, but promtool wants the files to be there
        token_file = self.folder / "token"
        token_file.write_text(self.token, encoding="utf-8")
        account = {
            "tls_config": {"ca_file": str(self.server.ca)},
            "authorization": {"credentials_file": str(token_file)},
        }
        discoveries = [
            {**discovery, "api_server": self.server.url, **account}
            for discovery in found["kubernetes_sd_configs"]
        ]
        replaced = account if "authorization" in found else {}
        return {**found, **replaced, "kubernetes_sd_configs": discoveries}


def shown(labels: Mapping[str, str]) -> Mapping[str, str]:
    where = ("__address__", "__metrics_path__")
    return {name: value for name, value in labels.items() if not name.startswith("__") or name in where}


def pod(name: str, namespace: str, ip: str, labels: dict[str, str], **annotations: str) -> dict[str, Any]:
    scraped = {f"prometheus.io/{key}": value for key, value in annotations.items()}
    # two ports and two containers are one target still
    ports = [{"containerPort": 8080}, {"containerPort": 8081}]
    container = {"image": "example:1.0.0", "ports": ports}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": namespace, "labels": labels, "annotations": scraped},
        "spec": {
            "nodeName": "one",
            "automountServiceAccountToken": False,
            "initContainers": [{**container, "name": "first"}],
            "containers": [{**container, "name": "main"}, {**container, "name": "beside"}],
        },
        "status": {"phase": "Succeeded" if name.endswith("done") else "Running", "podIP": ip},
    }


PODS = [
    pod(
        *("phishing-detector-predictor-1", "models", "10.42.0.5"),
        {"app.kubernetes.io/name": "model-phishing_detector", "homeostat.dev/model": "phishing_detector"},
        scrape="true",
        port="8080",
        path="/metrics",
    ),
    pod(
        "triage-1",
        "observability",
        "10.42.0.6",
        {"app.kubernetes.io/name": "triage"},
        scrape="true",
        port="8090",
    ),
    pod(
        "backup-done", "observability", "10.42.0.7", {"app.kubernetes.io/name": "x"}, scrape="true", port="80"
    ),
    pod("shy", "observability", "10.42.0.8", {"app.kubernetes.io/name": "shy"}),
    pod("controller-0", "argocd", "10.42.0.9", {"app.kubernetes.io/name": "argocd-application-controller"}),
    pod("repo-1", "argocd", "10.42.0.10", {"app.kubernetes.io/name": "argocd-repo-server"}),
    pod("redis-1", "argocd", "10.42.0.11", {"app.kubernetes.io/name": "argocd-redis"}),
]


def node(name: str, address: str, labels: dict[str, str]) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": name, "labels": labels},
        "status": {
            "addresses": [{"type": "InternalIP", "address": address}, {"type": "Hostname", "address": name}],
            "daemonEndpoints": {"kubeletEndpoint": {"Port": 10250}},
        },
    }


NODES = [
    node("one", "10.99.0.1", {"node-role.kubernetes.io/control-plane": "true"}),
    node("two", "10.99.0.2", {}),
]


@pytest.fixture(scope="module")
def found(tmp_path_factory) -> Iterator[Found]:
    folder = tmp_path_factory.mktemp("prometheus")
    with api_server(folder) as server:
        for name in sorted({document["metadata"]["namespace"] for document in PODS}):
            account = {"name": "default", "namespace": name}
            server.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
            server.apply({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": account})
        for document in [*NODES, *PODS]:
            server.apply(document)
            name = f"{document['kind'].lower()}/{document['metadata']['name']}"
            place = ("-n", document["metadata"].get("namespace", "default"))
            status = json.dumps({"status": document["status"]})
            server.kubectl("patch", name, *place, "--subresource=status", "--type=merge", "-p", status)
        server.apply(*workshop().render(LOCAL))
        token = server.kubectl("create", "token", "prometheus", "-n", "observability").strip()
        yield Found(server, token, folder)


@pytest.mark.go
@pytest.mark.timeout(BUILD_SECONDS)
class TestAgainstAnApiServer:
    """Pods that exist as objects alone: no kubelet runs them, and nothing is scraped."""

    def test_pods_that_ask_for_it_are_found_once_with_the_labels_that_rules_know(self, found):
        assert found.targets("pods") == [
            {
                "__address__": "10.42.0.5:8080",
                "__metrics_path__": "/metrics",
                "instance": "10.42.0.5:8080",
                "job": "pods",
                "model": "phishing_detector",
                "namespace": "models",
                "node": "one",
                "pod": "phishing-detector-predictor-1",
                "service": "model-phishing_detector",
                "tier": "model-server",
            },
            {
                "__address__": "10.42.0.6:8090",
                "__metrics_path__": "/metrics",
                "instance": "10.42.0.6:8090",
                "job": "pods",
                "namespace": "observability",
                "node": "one",
                "pod": "triage-1",
                "service": "triage",
            },
        ]

    def test_argo_cds_parts_are_found_at_their_ports_for_metrics(self, found):
        places = {(one["service"], one["__address__"]) for one in found.targets("argocd")}
        assert places == {
            ("argocd-application-controller", "10.42.0.9:8082"),
            ("argocd-repo-server", "10.42.0.10:8084"),
        }

    @pytest.mark.parametrize(
        ("job", "path"),
        [
            ("kubelet", "/metrics"),
            ("cadvisor", "/metrics/cadvisor"),
            ("probes", "/metrics/probes"),
            ("resource", "/metrics/resource"),
        ],
    )
    def test_every_kubelet_is_asked_at_its_node(self, found, job, path):
        targets = found.targets(job)
        assert {(one["node"], one["__address__"]) for one in targets} == {
            ("one", "10.99.0.1:10250"),
            ("two", "10.99.0.2:10250"),
        }
        assert {(one["service"], one["__metrics_path__"]) for one in targets} == {(job, path)}

    def test_the_api_server_is_asked_at_the_nodes_that_run_one(self, found):
        (target,) = found.targets("apiserver")
        assert (target["service"], target["__address__"]) == ("apiserver", "10.99.0.1:6443")

    @pytest.mark.parametrize(
        ("verb", "what"),
        [
            ("list", "pods"),
            ("watch", "nodes"),
            ("get", "nodes/metrics"),
            ("get", "/metrics"),
        ],
    )
    def test_prometheus_may_read_what_it_asks_for(self, found, verb, what):
        assert self.may(found, verb, what)

    @pytest.mark.parametrize(
        ("verb", "what"),
        [
            ("list", "secrets"),
            ("list", "configmaps"),
            ("get", "pods/log"),
            ("get", "nodes/proxy"),
            ("get", "nodes/log"),
            ("create", "pods"),
            ("delete", "pods"),
            ("create", "pods/exec"),
            ("get", "/logs"),
        ],
    )
    def test_prometheus_may_nothing_else(self, found, verb, what):
        assert not self.may(found, verb, what)

    @staticmethod
    def may(found: Found, verb: str, what: str) -> bool:
        account = "--as=system:serviceaccount:observability:prometheus"
        if what.startswith("/"):
            asked = [what]
        else:
            resource, _, part = what.partition("/")
            asked = [resource, f"--subresource={part}", "-A"]
        return found.server.try_kubectl("auth", "can-i", verb, *asked, account).returncode == 0
