"""What kwok may do as the node that it keeps.

It lists all nodes to find its own, which the node authorizer lets no kubelet do; what a node may change is
still held to its own by admission.
"""

from __future__ import annotations

from .kube_api import KubeApi

_NAME = "k3s-stand-in:kwok"
_RBAC = "/apis/rbac.authorization.k8s.io/v1"


def allow_kwok(api: KubeApi) -> None:
    """Let nodes' kwok read what it plays."""
    rules = [
        {"apiGroups": [""], "resources": ["nodes", "pods"], "verbs": ["get", "list", "watch"]},
        {"apiGroups": ["coordination.k8s.io"], "resources": ["leases"], "verbs": ["get", "list", "watch"]},
        {"apiGroups": [""], "resources": ["pods"], "verbs": ["patch", "delete"]},
        {"apiGroups": [""], "resources": ["nodes/status", "pods/status"], "verbs": ["patch", "update"]},
        {"apiGroups": [""], "resources": ["events"], "verbs": ["create", "patch"]},
    ]
    kinds = {"apiVersion": "rbac.authorization.k8s.io/v1", "metadata": {"name": _NAME}}
    api.create(f"{_RBAC}/clusterroles", {**kinds, "kind": "ClusterRole", "rules": rules})
    group = "rbac.authorization.k8s.io"
    binding = {
        "kind": "ClusterRoleBinding",
        "roleRef": {"apiGroup": group, "kind": "ClusterRole", "name": _NAME},
        "subjects": [{"apiGroup": group, "kind": "Group", "name": "system:nodes"}],
    }
    api.create(f"{_RBAC}/clusterrolebindings", {**kinds, **binding})
