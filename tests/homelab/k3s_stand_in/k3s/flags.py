"""The flags of K3s' commands, which are the keys of its configuration files too."""

from __future__ import annotations

import enum
from collections.abc import Mapping


class Kind(enum.Enum):
    """How often a flag may stand, and whether it has a value."""

    SWITCH = "switch"
    ONE = "one"
    MANY = "many"


def _flags(kind: Kind, names: str) -> dict[str, Kind]:
    return dict.fromkeys(names.split(), kind)


_NODE = {
    **_flags(Kind.SWITCH, "debug selinux with-node-id protect-kernel-defaults rootless docker"),
    **_flags(Kind.SWITCH, "prefer-bundled-bin disable-default-registry-endpoint nonroot-devices"),
    **_flags(Kind.SWITCH, "disable-apiserver-lb enable-pprof"),
    **_flags(Kind.ONE, "token token-file data-dir node-name node-ip node-external-ip server config v log"),
    **_flags(Kind.ONE, "flannel-iface flannel-conf private-registry container-runtime-endpoint snapshotter"),
    **_flags(Kind.ONE, "pause-image resolv-conf lb-server-port bind-address node-internal-dns"),
    **_flags(Kind.ONE, "airgap-extra-registry image-service-endpoint vpn-auth node-external-dns vmodule"),
    **_flags(Kind.MANY, "node-label node-taint kubelet-arg kube-proxy-arg"),
}

_S3 = {
    **_flags(Kind.SWITCH, "etcd-s3 etcd-s3-skip-ssl-verify etcd-s3-insecure"),
    **_flags(Kind.ONE, "etcd-s3-endpoint etcd-s3-endpoint-ca etcd-s3-access-key etcd-s3-secret-key"),
    **_flags(Kind.ONE, "etcd-s3-bucket etcd-s3-region etcd-s3-folder etcd-s3-proxy etcd-s3-config-secret"),
    **_flags(Kind.ONE, "etcd-s3-timeout etcd-s3-session-token etcd-s3-bucket-lookup-type etcd-s3-retention"),
    **_flags(Kind.SWITCH, "etcd-snapshot-compress"),
    **_flags(Kind.ONE, "etcd-snapshot-dir etcd-snapshot-name etcd-snapshot-retention"),
}

_SERVER = {
    **_NODE,
    **_S3,
    **_flags(Kind.SWITCH, "cluster-init cluster-reset secrets-encryption etcd-expose-metrics"),
    **_flags(Kind.SWITCH, "etcd-disable-snapshots disable-scheduler disable-cloud-controller"),
    **_flags(
        Kind.SWITCH, "disable-kube-proxy disable-network-policy disable-helm-controller embedded-registry"
    ),
    **_flags(Kind.SWITCH, "disable-agent disable-apiserver disable-controller-manager disable-etcd"),
    **_flags(Kind.SWITCH, "flannel-ipv6-masq flannel-external-ip egress-selector-mode kine-tls"),
    **_flags(Kind.SWITCH, "multi-cluster-cidr tls-san-security supervisor-metrics"),
    **_flags(Kind.ONE, "cluster-reset-restore-path agent-token agent-token-file cluster-cidr service-cidr"),
    **_flags(Kind.ONE, "service-node-port-range cluster-dns cluster-domain flannel-backend"),
    **_flags(Kind.ONE, "https-listen-port advertise-address advertise-port write-kubeconfig"),
    **_flags(Kind.ONE, "write-kubeconfig-mode write-kubeconfig-group etcd-snapshot-schedule-cron"),
    **_flags(Kind.ONE, "datastore-endpoint datastore-cafile datastore-certfile datastore-keyfile"),
    **_flags(Kind.ONE, "default-local-storage-path servicelb-namespace secrets-encryption-provider"),
    **_flags(Kind.ONE, "kube-cloud-controller-manager-arg helm-job-image system-default-registry"),
    **_flags(Kind.MANY, "tls-san disable etcd-arg kube-apiserver-arg kube-controller-manager-arg"),
    **_flags(Kind.MANY, "kube-scheduler-arg enable-admission-plugins"),
}

_SNAPSHOT = {
    **_S3,
    **_flags(Kind.ONE, "data-dir node-name output config server token"),
    **_flags(Kind.SWITCH, "debug etcd-s3"),
}

COMMANDS: Mapping[str, Mapping[str, Kind]] = {
    "server": _SERVER,
    "agent": _NODE,
    "etcd-snapshot": _SNAPSHOT,
    "token rotate": _flags(Kind.ONE, "token new-token server data-dir"),
    "certificate check": {**_flags(Kind.ONE, "data-dir output"), **_flags(Kind.MANY, "service")},
    "certificate rotate": {**_flags(Kind.ONE, "data-dir"), **_flags(Kind.MANY, "service")},
    "secrets-encrypt": _flags(Kind.ONE, "data-dir server token output"),
}

#: shorter names of the command line
ALIASES: Mapping[str, str] = {
    "t": "token",
    "s": "server",
    "d": "data-dir",
    "c": "config",
    "i": "node-ip",
    "o": "output",
    "name": "etcd-snapshot-name",
    "dir": "etcd-snapshot-dir",
    "snapshot-compress": "etcd-snapshot-compress",
    "snapshot-retention": "etcd-snapshot-retention",
    "s3": "etcd-s3",
    **{name.removeprefix("etcd-"): name for name in _S3 if name.startswith("etcd-s3-")},
}

#: variables that stand in for flags
VARIABLES: Mapping[str, str] = {
    "K3S_TOKEN": "token",
    "K3S_TOKEN_FILE": "token-file",
    "K3S_URL": "server",
    "K3S_NODE_NAME": "node-name",
    "K3S_DATA_DIR": "data-dir",
    "K3S_AGENT_TOKEN": "agent-token",
    "K3S_AGENT_TOKEN_FILE": "agent-token-file",
    "K3S_KUBECONFIG_MODE": "write-kubeconfig-mode",
    "K3S_KUBECONFIG_OUTPUT": "write-kubeconfig",
    "K3S_DATASTORE_ENDPOINT": "datastore-endpoint",
    "AWS_ACCESS_KEY_ID": "etcd-s3-access-key",
    "AWS_SECRET_ACCESS_KEY": "etcd-s3-secret-key",
}
