"""What Prometheus scrapes in a cluster: pods that ask for it, Argo CD, every node and the API server.

Targets get the labels that rules and triage know from everywhere else: ``service``, and for a model server
``model`` and ``tier``. In a cluster they also say where they run: ``namespace``, ``pod`` and ``node``.

The kubelet and the API server export thousands of series. Of theirs only those are kept that a rule or a
dashboard asks for, so that the history of a month fits a small disk; a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Job = Mapping[str, Any]

#: by job, what is kept of the metrics that the cluster itself exports
KEPT: Mapping[str, tuple[str, ...]] = {
    "kubelet": ("kubelet_running_pods", "kubelet_volume_stats_(available|capacity|used)_bytes"),
    "cadvisor": (
        "container_(cpu_usage_seconds|network_(receive|transmit)_bytes|oom_events)_total",
        "container_memory_(failcnt|working_set_bytes)",
    ),
    "probes": ("prober_probe_total",),
    "resource": ("container_start_time_seconds",),
    "apiserver": ("apiserver_request_total",),
}
#: its stock manifests annotate no pod; these are the ports of its components for metrics
ARGOCD_PORTS: Mapping[str, int] = {
    "application-controller": 8082,
    "notifications-controller": 9001,
    "repo-server": 8084,
    "server": 8083,
}
ARGOCD_NAMESPACE = "argocd"
#: of K3s, and of the local cluster
APISERVER_PORT = 6443

_ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount"
_NODE = "__meta_kubernetes_node"
_POD = "__meta_kubernetes_pod"
_NAME_LABEL = f"{_POD}_label_app_kubernetes_io_name"
_MODEL_LABEL = f"{_POD}_label_homeostat_dev_model"


def kubernetes_jobs() -> Sequence[Job]:
    """The jobs, for a Prometheus whose service account may list pods and nodes and read their metrics."""
    return [
        _pods(),
        _argocd(),
        _node_job("kubelet", "/metrics"),
        _node_job("cadvisor", "/metrics/cadvisor"),
        _node_job("probes", "/metrics/probes"),
        _node_job("resource", "/metrics/resource"),
        _apiserver(),
    ]


def _pods() -> Job:
    """Every pod with the annotations ``prometheus.io/scrape``, ``port`` and ``path``."""
    annotation = f"{_POD}_annotation_prometheus_io"
    return {
        "job_name": "pods",
        # as with processes; and kube-state-metrics tells of other pods than its own
        "honor_labels": True,
        "kubernetes_sd_configs": [{"role": "pod"}],
        "relabel_configs": [
            _keep("true", f"{annotation}_scrape"),
            *_runs(),
            _set("__address__", f"{_POD}_ip", f"{annotation}_port", regex=r"(.+);(\d+)", value="$1:$2"),
            _set("__metrics_path__", f"{annotation}_path", regex="(.+)"),
            *_place(),
            _set("service", _NAME_LABEL),
            _set("service", _MODEL_LABEL, regex="(.+)", value="model-$1"),
            _set("model", _MODEL_LABEL, regex="(.+)"),
            _set("tier", _MODEL_LABEL, regex=".+", value="model-server"),
        ],
    }


def _argocd() -> Job:
    return {
        "job_name": "argocd",
        "honor_labels": True,
        "kubernetes_sd_configs": [{"role": "pod", "namespaces": {"names": [ARGOCD_NAMESPACE]}}],
        "relabel_configs": [
            _keep(f"argocd-({'|'.join(ARGOCD_PORTS)})", _NAME_LABEL),
            *_runs(),
            *(
                _set(
                    "__address__", _NAME_LABEL, f"{_POD}_ip", regex=f"argocd-{name};(.+)", value=f"$1:{port}"
                )
                for name, port in ARGOCD_PORTS.items()
            ),
            *_place(),
            _set("service", _NAME_LABEL),
        ],
    }


def _node_job(name: str, path: str) -> Job:
    """One of the kubelet's pages, from every node at its own address."""
    return {
        "job_name": name,
        **_with_account(),
        "metrics_path": path,
        "kubernetes_sd_configs": [{"role": "node"}],
        "relabel_configs": [
            _set("node", f"{_NODE}_name"),
            {"target_label": "service", "replacement": name},
        ],
        "metric_relabel_configs": _kept(name),
    }


def _apiserver() -> Job:
    """Each server of the API at its own node: through their Service, the counters of several would mix."""
    return {
        "job_name": "apiserver",
        **_with_account(),
        "kubernetes_sd_configs": [{"role": "node"}],
        "relabel_configs": [
            _keep("true", f"{_NODE}_labelpresent_node_role_kubernetes_io_control_plane"),
            _set("__address__", f"{_NODE}_address_InternalIP", value=f"$1:{APISERVER_PORT}"),
            _set("node", f"{_NODE}_name"),
            {"target_label": "service", "replacement": "apiserver"},
        ],
        "metric_relabel_configs": _kept("apiserver"),
    }


def _with_account() -> Job:
    return {
        "scheme": "https",
        "tls_config": {"ca_file": f"{_ACCOUNT}/ca.crt"},
        "authorization": {"type": "Bearer", "credentials_file": f"{_ACCOUNT}/token"},
    }


def _runs() -> Sequence[Job]:
    """Leave out pods that have ended, and init containers, which are targets of their own."""
    return [
        {"action": "drop", "source_labels": [f"{_POD}_phase"], "regex": "Succeeded|Failed"},
        {"action": "drop", "source_labels": [f"{_POD}_container_init"], "regex": "true"},
    ]


def _place() -> Sequence[Job]:
    return [
        _set("namespace", "__meta_kubernetes_namespace"),
        _set("pod", f"{_POD}_name"),
        _set("node", f"{_POD}_node_name"),
    ]


def _kept(job: str) -> Sequence[Job]:
    return [_keep("|".join(KEPT[job]), "__name__")]


def _keep(regex: str, *source: str) -> Job:
    return {"action": "keep", "source_labels": list(source), "regex": regex}


def _set(target: str, *source: str, regex: str | None = None, value: str | None = None) -> Job:
    rule: dict[str, Any] = {"source_labels": list(source)}
    if regex is not None:
        rule["regex"] = regex
    rule["target_label"] = target
    if value is not None:
        rule["replacement"] = value
    return rule
