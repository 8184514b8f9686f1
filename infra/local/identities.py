"""Who is who in the cluster: the subjects of all certificates."""

from __future__ import annotations

from infra.local.certificates import Subject
from infra.local.place import API_SERVICE_ADDRESS, NODE_ADDRESS, NODE_NAME

_LOOPBACK = "127.0.0.1"

ETCD = Subject("etcd", "etcd", serves=(_LOOPBACK,))
ETCD_CLIENT = Subject("etcd-client", "kube-apiserver")
API_SERVER = Subject(
    "kube-apiserver",
    "kube-apiserver",
    serves=(
        *("kubernetes", "kubernetes.default", "kubernetes.default.svc"),
        "kubernetes.default.svc.cluster.local",
        *(API_SERVICE_ADDRESS, NODE_ADDRESS, _LOOPBACK, "localhost"),
    ),
)
#: as the API server shows itself to the kubelet, for logs and exec; bound to a role by the add-ons
API_SERVER_TO_KUBELET = Subject("kube-apiserver-kubelet-client", "kube-apiserver-kubelet-client")
CONTROLLER_MANAGER = Subject(
    "kube-controller-manager", "system:kube-controller-manager", serves=(NODE_ADDRESS,)
)
SCHEDULER = Subject("kube-scheduler", "system:kube-scheduler", serves=(NODE_ADDRESS,))
KUBELET = Subject("kubelet", f"system:node:{NODE_NAME}", "system:nodes")
#: what the kubelet serves logs, exec and metrics with
KUBELET_SERVING = Subject("kubelet-serving", f"system:node:{NODE_NAME}", "system:nodes", (NODE_ADDRESS,))
PROXY = Subject("kube-proxy", "system:kube-proxy")
#: the person at this machine; in a group that no role binding can lock out
ADMINISTRATOR = Subject("administrator", "administrator", "system:masters")

ALL = (
    *(ETCD, ETCD_CLIENT, API_SERVER, API_SERVER_TO_KUBELET, CONTROLLER_MANAGER, SCHEDULER),
    *(KUBELET, KUBELET_SERVING, PROXY, ADMINISTRATOR),
)
