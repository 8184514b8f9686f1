"""How the local cluster is: its programs, its network, its node and its pods."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from infra.cluster.provider import ClusterStatus, PartStatus
from infra.gitops.kubectl import Kubectl, KubectlError
from infra.local import network, processes
from infra.local.answers import http
from infra.local.capabilities import require_linux_and_root
from infra.local.certificates import Certificates
from infra.local.control_plane import API_SERVER_URL
from infra.local.node_readiness import node_complaint
from infra.local.place import NAMESPACE_FILE, NODE_NAME, Place

COMPONENTS = (
    *("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler"),
    *("containerd", "kubelet", "kube-proxy"),
)
#: what can't be had on a machine without a registry, one sentence each
LEFT_OUT = (
    "Grafana is left out: its program can't be built from a Go module.",
    "kube-state-metrics is left out: its program can't be built from a Go module.",
    "KServe's controller is left out: a stand-in reconciles the InferenceServices.",
    "NetworkPolicies are kept but nothing enforces them here.",
)
#: a pod that waits for one of these will not come up by waiting
_BAD_REASONS = frozenset(
    {"CrashLoopBackOff", "ErrImagePull", "ImagePullBackOff", "CreateContainerConfigError"}
)


def status(place: Place) -> ClusterStatus:
    """How the cluster is now; nothing is changed by asking.

    Raises:
        MachineError: when it runs and who asks may not see how.
    """
    if network.is_ours(place):
        require_linux_and_root(place)
    running = processes.running(place)
    if not running and not network.is_ours(place):
        return ClusterStatus(running=False, parts=(), kubeconfig=place.kubeconfig, left_out=LEFT_OUT)
    parts = [*component_parts([found.component for found in running], COMPONENTS), _network_part(place)]
    parts += _api_parts(place)
    return ClusterStatus(running=True, parts=tuple(parts), kubeconfig=place.kubeconfig, left_out=LEFT_OUT)


def component_parts(there: Sequence[str], expected: Sequence[str]) -> list[PartStatus]:
    """One part for each program of the cluster, and for what else was started with it."""
    names = [*expected, *sorted(set(there) - set(expected))]
    return [
        PartStatus(name, name in there, "" if name in there else "does not run: 'up' starts it again")
        for name in names
    ]


def _network_part(place: Place) -> PartStatus:
    fine = network.is_ours(place) and NAMESPACE_FILE.exists()
    return PartStatus("network", fine, "" if fine else "the device or the namespace is gone")


def _api_parts(place: Place) -> list[PartStatus]:
    kubectl = Kubectl(place.programs / "kubectl", place.kubeconfig)
    authority = Certificates(place.certificates).authority.certificate
    if complaint := http(f"{API_SERVER_URL}/readyz", authority)():
        return [PartStatus("API", healthy=False, note=complaint)]
    try:
        found = kubectl.get("node", NODE_NAME)
        pods = kubectl.list("pods")
    except KubectlError as error:
        return [PartStatus("API", healthy=False, note=str(error))]
    complaint = node_complaint(found, None) if found else "is not registered"
    return [PartStatus("node", complaint is None, complaint or ""), pods_part(pods)]


def pods_part(pods: Sequence[Mapping[str, Any]]) -> PartStatus:
    """All pods in one line, which names those that are not well."""
    ill = [f"{_name(pod)} ({why})" for pod in pods if (why := pod_complaint(pod))]
    note = f"{len(pods) - len(ill)} of {len(pods)} well" + (f"; not well: {', '.join(ill)}" if ill else "")
    return PartStatus("pods", not ill, note)


def pod_complaint(pod: Mapping[str, Any]) -> str | None:
    """Why the pod is not well; None for one that is ready or has done its work."""
    told = pod.get("status", {})
    if told.get("phase") == "Succeeded":
        return None
    for container in (*told.get("initContainerStatuses", ()), *told.get("containerStatuses", ())):
        if (reason := container.get("state", {}).get("waiting", {}).get("reason")) in _BAD_REASONS:
            return reason
    ready = any(
        found["type"] == "Ready" and found["status"] == "True" for found in told.get("conditions", ())
    )
    return None if ready else f"{told.get('phase', 'Unknown').lower()}, not ready"


def _name(pod: Mapping[str, Any]) -> str:
    return f"{pod['metadata']['namespace']}/{pod['metadata']['name']}"
