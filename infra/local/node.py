"""The one node: containerd runs containers, the kubelet runs pods, kube-proxy finds services."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from homeostat.yaml_text import to_yaml
from infra.local import identities
from infra.local.answers import http, unix_socket
from infra.local.certificates import Certificates
from infra.local.cgroups import ROOT
from infra.local.component import Component, Mounts
from infra.local.control_plane import API_SERVER_URL, flags
from infra.local.kubeconfig import kubeconfig
from infra.local.node_images import PAUSE
from infra.local.place import DNS_ADDRESS, NODE_ADDRESS, NODE_NAME, POD_NETWORK, Place
from infra.local.toolbox import Toolbox

#: also the beginning of the names under which the plugins remember pods
NETWORK_NAME = "homeostat-pods"
_KUBELET_HEALTH = 10248
_PROXY_HEALTH = 10256


def containerd(place: Place, tools: Toolbox) -> Component:
    """What runs containers. Its containers go on when it ends, and it finds them again."""
    path = place.configuration / "containerd.toml"
    network = place.configuration / "network.d" / "10-pods.conflist"
    return Component(
        "containerd",
        (str(tools["containerd"]), "--config", str(path)),
        unix_socket(place.containerd_socket),
        files={path: containerd_configuration(place, tools), network: pod_network(place)},
        environment=tools.environment,
        mounts=Mounts.OF_THE_NODE,
    )


def kubelet(place: Place, tools: Toolbox, certificates: Certificates) -> Component:
    """What starts the pods that the scheduler gives to the node."""
    client, serving = certificates.pair(identities.KUBELET), certificates.pair(identities.KUBELET_SERVING)
    authority = certificates.authority.certificate
    client_path = place.configuration / "kubelet.kubeconfig"
    path = place.configuration / "kubelet.yaml"
    options: dict[str, str | Path | int] = {
        "config": path,
        "kubeconfig": client_path,
        "hostname-override": NODE_NAME,
        "node-ip": NODE_ADDRESS,
        "root-dir": place.kubelet,
    }
    return Component(
        "kubelet",
        (str(tools["kubelet"]), *flags(options)),
        http(f"http://{NODE_ADDRESS}:{_KUBELET_HEALTH}/healthz"),
        files={
            path: to_yaml(kubelet_configuration(place, certificates)),
            client_path: kubeconfig(API_SERVER_URL, authority, client),
        },
        reads=(client.certificate, serving.certificate, authority),
        environment=tools.environment,
        mounts=Mounts.OF_THE_NODE,
    )


def proxy(place: Place, tools: Toolbox, certificates: Certificates) -> Component:
    """What leads a service's address to one of its pods, by rules inside of the cluster's namespace."""
    client, authority = certificates.pair(identities.PROXY), certificates.authority.certificate
    client_path = place.configuration / "kube-proxy.kubeconfig"
    path = place.configuration / "kube-proxy.yaml"
    return Component(
        "kube-proxy",
        (str(tools["kube-proxy"]), *flags({"config": path, "hostname-override": NODE_NAME})),
        http(f"http://{NODE_ADDRESS}:{_PROXY_HEALTH}/livez"),
        files={
            path: to_yaml(proxy_configuration(client_path)),
            client_path: kubeconfig(API_SERVER_URL, authority, client),
        },
        reads=(client.certificate, authority),
        environment=tools.environment,
    )


def containerd_configuration(place: Place, tools: Toolbox) -> str:
    """Containerd's own configuration file: everything that it writes lies in the cluster's folder."""
    quoted = json.dumps
    return f"""\
version = 2
root = {quoted(str(place.containerd))}
state = {quoted(str(place.running / "containerd"))}
# the score of the OOM killer may only be raised here, as in any machine that is itself a guest
oom_score = 0

[grpc]
address = {quoted(str(place.containerd_socket))}

[ttrpc]
address = {quoted(f"{place.containerd_socket}.ttrpc")}

[plugins."io.containerd.internal.v1.opt"]
path = {quoted(str(place.containerd / "opt"))}

[plugins."io.containerd.grpc.v1.cri"]
sandbox_image = {quoted(PAUSE)}
restrict_oom_score_adj = true
# the pods' network namespaces lie with the rest of what runs, so that a stop finds them
netns_mounts_under_state_dir = true
disable_apparmor = true

[plugins."io.containerd.grpc.v1.cri".cni]
bin_dir = {quoted(str(tools.plugins))}
conf_dir = {quoted(str(place.configuration / "network.d"))}

[plugins."io.containerd.grpc.v1.cri".containerd]
snapshotter = "overlayfs"
default_runtime_name = "runc"

[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"

[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
BinaryName = {quoted(str(tools["runc"]))}
Root = {quoted(str(place.running / "runc"))}
SystemdCgroup = false
"""


def pod_network(place: Place) -> str:
    """How a pod is connected: by a cable of its own, so that each packet passes the node's rules.

    A bridge would carry packets between pods past kube-proxy's rules unless the kernel has br_netfilter.
    """
    addresses: dict[str, Any] = {
        "type": "host-local",
        "ranges": [[{"subnet": POD_NETWORK}]],
        "routes": [{"dst": "0.0.0.0/0"}],
        "dataDir": str(place.running / "addresses"),
    }
    return json.dumps(
        {
            "cniVersion": "1.0.0",
            "name": NETWORK_NAME,
            "plugins": [
                {"type": "ptp", "ipMasq": False, "mtu": 1500, "ipam": addresses},
                {"type": "portmap", "capabilities": {"portMappings": True}, "snat": True},
            ],
        },
        indent=2,
    )


def kubelet_configuration(place: Place, certificates: Certificates) -> dict[str, Any]:
    """The kubelet's configuration, for a machine that is used for other things, too."""
    serving = certificates.pair(identities.KUBELET_SERVING)
    return {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "address": NODE_ADDRESS,
        "healthzBindAddress": NODE_ADDRESS,
        "healthzPort": _KUBELET_HEALTH,
        "readOnlyPort": 0,
        "tlsCertFile": str(serving.certificate),
        "tlsPrivateKeyFile": str(serving.key),
        "authentication": {
            "anonymous": {"enabled": False},
            "webhook": {"enabled": True},
            "x509": {"clientCAFile": str(certificates.authority.certificate)},
        },
        "authorization": {"mode": "Webhook"},
        "containerRuntimeEndpoint": f"unix://{place.containerd_socket}",
        "podLogsDir": str(place.pod_logs),
        "volumePluginDir": str(place.kubelet / "plugins-exec"),
        "clusterDomain": "cluster.local",
        "clusterDNS": [DNS_ADDRESS],
        # pods have no network outside, so the machine's resolvers would answer them nothing
        "resolvConf": "",
        "cgroupDriver": "cgroupfs",
        "cgroupRoot": f"/{ROOT}",
        "failCgroupV1": False,
        "enforceNodeAllocatable": [],
        "failSwapOn": False,
        "oomScoreAdj": 0,
        # images can't be fetched again, so none is ever removed
        "imageGCHighThresholdPercent": 100,
        "imageMaximumGCAge": "0s",
        # absolute, for the disk is the owner's, and may be rather full
        "evictionHard": {
            "memory.available": "100Mi",
            "nodefs.available": "256Mi",
            "imagefs.available": "256Mi",
            "nodefs.inodesFree": "1%",
        },
        "serializeImagePulls": False,
        "rotateCertificates": False,
    }


def proxy_configuration(client_path: Path) -> dict[str, Any]:
    """kube-proxy's configuration; the settings of the kernel outside of its namespace it leaves alone."""
    return {
        "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
        "kind": "KubeProxyConfiguration",
        "mode": "iptables",
        "bindAddress": NODE_ADDRESS,
        "healthzBindAddress": f"{NODE_ADDRESS}:{_PROXY_HEALTH}",
        "metricsBindAddress": f"{NODE_ADDRESS}:10249",
        "clusterCIDR": POD_NETWORK,
        "clientConnection": {"kubeconfig": str(client_path)},
        "oomScoreAdj": 0,
        "conntrack": {"maxPerCore": 0, "min": 0, "tcpEstablishedTimeout": "0s", "tcpCloseWaitTimeout": "0s"},
        "iptables": {"localhostNodePorts": False},
    }
