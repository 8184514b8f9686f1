"""The control plane: etcd, and the three programs that make a cluster of it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from homeostat.yaml_text import to_yaml
from infra.local import identities
from infra.local.answers import http
from infra.local.certificates import Certificates, Subject
from infra.local.component import Component
from infra.local.kubeconfig import kubeconfig
from infra.local.place import (
    API_PORT,
    NODE_ADDRESS,
    POD_NETWORK,
    SERVICE_NETWORK,
    Place,
)
from infra.local.toolbox import Toolbox

_ETCD_CLIENTS = "https://127.0.0.1:2379"
_ETCD_METRICS = f"http://{NODE_ADDRESS}:2381"
API_SERVER_URL = f"https://{NODE_ADDRESS}:{API_PORT}"
#: anybody may ask whether the API server is well, and nothing else
_OPEN_PATHS = ("/livez", "/readyz", "/healthz")


def flags(options: Mapping[str, str | Path | int]) -> tuple[str, ...]:
    """Options as Kubernetes' programs take them.

    >>> flags({"v": 1, "client-ca-file": Path("/ca.crt")})
    ('--v=1', '--client-ca-file=/ca.crt')
    """
    return tuple(f"--{name}={value}" for name, value in options.items())


def etcd(place: Place, tools: Toolbox, certificates: Certificates) -> Component:
    """The store of all objects.

    It does not wait for the disk at every write: an orderly stop loses nothing, a power cut may.
    """
    serving = certificates.pair(identities.ETCD)
    options: dict[str, str | Path | int] = {
        "name": "homeostat",
        "data-dir": place.etcd,
        "listen-client-urls": _ETCD_CLIENTS,
        "advertise-client-urls": _ETCD_CLIENTS,
        # a cluster of one has no peers, but the option must say something
        "listen-peer-urls": "http://127.0.0.1:2380",
        "initial-advertise-peer-urls": "http://127.0.0.1:2380",
        "initial-cluster": "homeostat=http://127.0.0.1:2380",
        "listen-metrics-urls": _ETCD_METRICS,
        "cert-file": serving.certificate,
        "key-file": serving.key,
        "client-cert-auth": "true",
        "trusted-ca-file": certificates.authority.certificate,
        "unsafe-no-fsync": "true",
        "auto-compaction-retention": "1h",
        "quota-backend-bytes": 2 * 1024**3,
        "log-level": "warn",
    }
    return Component(
        "etcd",
        (str(tools["etcd"]), *flags(options)),
        http(f"{_ETCD_METRICS}/health"),
        reads=(serving.certificate, certificates.authority.certificate),
    )


def api_server(place: Place, tools: Toolbox, certificates: Certificates) -> Component:
    """The API server: certificates and service accounts' tokens authenticate, RBAC decides."""
    serving = certificates.pair(identities.API_SERVER)
    to_etcd = certificates.pair(identities.ETCD_CLIENT)
    to_kubelet = certificates.pair(identities.API_SERVER_TO_KUBELET)
    authority = certificates.authority.certificate
    authentication = place.configuration / "authentication.yaml"
    options: dict[str, str | Path | int] = {
        "advertise-address": NODE_ADDRESS,
        "secure-port": API_PORT,
        "service-cluster-ip-range": SERVICE_NETWORK,
        "etcd-servers": _ETCD_CLIENTS,
        "etcd-cafile": authority,
        "etcd-certfile": to_etcd.certificate,
        "etcd-keyfile": to_etcd.key,
        "tls-cert-file": serving.certificate,
        "tls-private-key-file": serving.key,
        "client-ca-file": authority,
        "authentication-config": authentication,
        "authorization-mode": "Node,RBAC",
        "enable-admission-plugins": "NodeRestriction",
        "kubelet-certificate-authority": authority,
        "kubelet-client-certificate": to_kubelet.certificate,
        "kubelet-client-key": to_kubelet.key,
        "kubelet-preferred-address-types": "InternalIP",
        "service-account-issuer": "https://kubernetes.default.svc.cluster.local",
        "service-account-key-file": certificates.service_accounts.certificate,
        "service-account-signing-key-file": certificates.service_accounts.key,
        # who may run privileged pods is decided by Pod Security, namespace by namespace
        "allow-privileged": "true",
        # a termination that waits would only delay the stop of a cluster of one
        "shutdown-delay-duration": "0s",
        "profiling": "false",
    }
    return Component(
        "kube-apiserver",
        (str(tools["kube-apiserver"]), *flags(options)),
        http(f"{API_SERVER_URL}/readyz", authority),
        files={authentication: _authentication()},
        reads=(
            *(serving.certificate, to_etcd.certificate, to_kubelet.certificate, authority),
            certificates.service_accounts.certificate,
        ),
        patience_seconds=120.0,
    )


def controller_manager(place: Place, tools: Toolbox, certificates: Certificates) -> Component:
    """What turns Deployments into pods and keeps all else that Kubernetes promises."""
    authority = certificates.authority
    options: dict[str, str | Path | int] = {
        "cluster-cidr": POD_NETWORK,
        "allocate-node-cidrs": "false",
        "service-cluster-ip-range": SERVICE_NETWORK,
        "root-ca-file": authority.certificate,
        "service-account-private-key-file": certificates.service_accounts.key,
        "cluster-signing-cert-file": authority.certificate,
        "cluster-signing-key-file": authority.key,
        "use-service-account-credentials": "true",
    }
    return _client(place, tools, certificates, identities.CONTROLLER_MANAGER, 10257, options)


def scheduler(place: Place, tools: Toolbox, certificates: Certificates) -> Component:
    """What puts pods onto the node."""
    return _client(place, tools, certificates, identities.SCHEDULER, 10259, {})


def _client(
    place: Place,
    tools: Toolbox,
    certificates: Certificates,
    subject: Subject,
    port: int,
    options: Mapping[str, str | Path | int],
) -> Component:
    """One of the two that only talk to the API server, and differ in little."""
    own, authority = certificates.pair(subject), certificates.authority.certificate
    path = place.configuration / f"{subject.file}.kubeconfig"
    all_options: dict[str, str | Path | int] = {
        "kubeconfig": path,
        "authentication-kubeconfig": path,
        "authorization-kubeconfig": path,
        "bind-address": NODE_ADDRESS,
        "secure-port": port,
        "tls-cert-file": own.certificate,
        "tls-private-key-file": own.key,
        "client-ca-file": authority,
        # there is no other that could lead
        "leader-elect": "false",
        "profiling": "false",
        **options,
    }
    return Component(
        subject.file,
        (str(tools[subject.file]), *flags(all_options)),
        http(f"https://{NODE_ADDRESS}:{port}/healthz", authority),
        files={path: kubeconfig(API_SERVER_URL, authority, own)},
        reads=(own.certificate, authority),
    )


def _authentication() -> str:
    return to_yaml(
        {
            "apiVersion": "apiserver.config.k8s.io/v1",
            "kind": "AuthenticationConfiguration",
            "anonymous": {"enabled": True, "conditions": [{"path": path} for path in _OPEN_PATHS]},
        }
    )
