"""The command lines of etcd and the control plane."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from .addresses import API_ADDRESS, API_PORT, LOCAL_API
from .keys import ENCRYPTION
from .kube_api import kubeconfig
from .machine import Machine
from .options import Options
from .paths import Paths, write
from .release import Release

#: collect garbage earlier: many servers share one machine
LEAN = {"GOGC": "50", "GOMEMLIMIT": "300MiB"}


@dataclass(frozen=True, slots=True)
class ControlPlane:
    """How one server starts its programs."""

    release: Release
    paths: Paths
    options: Options
    machine: Machine

    def etcd(self, name: str, more: Mapping[str, str]) -> list[str]:
        """The member of etcd; the disk need not be waited for, since the kernel outlives a lab's hosts."""
        tls, address = self.paths.tls / "etcd", self.machine.address
        metrics = ["http://127.0.0.1:2381"]
        if self.options.on("etcd-expose-metrics"):
            metrics.append(f"http://{address}:2381")
        flags = {
            "name": name,
            "data-dir": self.paths.etcd,
            "listen-client-urls": f"https://127.0.0.1:2379,https://{address}:2379",
            "advertise-client-urls": f"https://{address}:2379",
            "listen-peer-urls": f"https://127.0.0.1:2380,https://{address}:2380",
            "listen-metrics-urls": ",".join(metrics),
            "initial-advertise-peer-urls": f"https://{address}:2380",
            "cert-file": tls / "server-client.crt",
            "key-file": tls / "server-client.key",
            "client-cert-auth": "true",
            "trusted-ca-file": tls / "server-ca.crt",
            "peer-cert-file": tls / "peer-server-client.crt",
            "peer-key-file": tls / "peer-server-client.key",
            "peer-client-cert-auth": "true",
            "peer-trusted-ca-file": tls / "peer-ca.crt",
            "heartbeat-interval": "500",
            "election-timeout": "5000",
            "unsafe-no-fsync": "true",
            "log-level": "warn",
            **more,
        }
        return [self.release.part("etcd"), *_flags(flags), *_given(self.options, "etcd-arg")]

    def api_server(self) -> list[str]:
        """The API server, behind the front."""
        tls = self.paths.tls
        issuer = "https://kubernetes.default.svc.cluster.local"
        flags = {
            "advertise-address": self.options.one("advertise-address", self.machine.address),
            "bind-address": API_ADDRESS,
            "secure-port": API_PORT,
            "permit-port-sharing": "true",
            "allow-privileged": "true",
            "anonymous-auth": "false",
            "api-audiences": f"{issuer},k3s",
            "authorization-mode": "Node,RBAC",
            "enable-admission-plugins": "NodeRestriction",
            "client-ca-file": tls / "client-ca.crt",
            "etcd-servers": "https://127.0.0.1:2379",
            "etcd-cafile": tls / "etcd/server-ca.crt",
            "etcd-certfile": tls / "etcd/client.crt",
            "etcd-keyfile": tls / "etcd/client.key",
            "tls-cert-file": tls / "serving-kube-apiserver.crt",
            "tls-private-key-file": tls / "serving-kube-apiserver.key",
            "service-account-issuer": issuer,
            "service-account-key-file": tls / "service.pub",
            "service-account-signing-key-file": tls / "service.key",
            "service-cluster-ip-range": self.options.one("service-cidr", "10.43.0.0/16"),
            "requestheader-client-ca-file": tls / "request-header-ca.crt",
            "requestheader-allowed-names": "system:auth-proxy",
            "requestheader-username-headers": "X-Remote-User",
            "requestheader-group-headers": "X-Remote-Group",
            "requestheader-extra-headers-prefix": "X-Remote-Extra-",
            "proxy-client-cert-file": tls / "client-auth-proxy.crt",
            "proxy-client-key-file": tls / "client-auth-proxy.key",
            "profiling": "false",
        }
        if (self.paths.server / ENCRYPTION).exists():
            flags["encryption-provider-config"] = self.paths.server / ENCRYPTION
        return [
            self.release.part("kube-apiserver"),
            *_flags(flags),
            *_given(self.options, "kube-apiserver-arg"),
        ]

    def controller_manager(self) -> list[str]:
        """The controllers, of which one server leads."""
        tls = self.paths.tls
        flags = {
            **self._client("controller", 10257),
            "allocate-node-cidrs": "true",
            "cluster-cidr": self.options.one("cluster-cidr", "10.42.0.0/16"),
            "service-cluster-ip-range": self.options.one("service-cidr", "10.43.0.0/16"),
            "root-ca-file": tls / "server-ca.crt",
            "service-account-private-key-file": tls / "service.key",
            "cluster-signing-cert-file": tls / "client-ca.crt",
            "cluster-signing-key-file": tls / "client-ca.key",
            "use-service-account-credentials": "true",
        }
        return [
            self.release.part("kube-controller-manager"),
            *_flags(flags),
            *_given(self.options, "kube-controller-manager-arg"),
        ]

    def scheduler(self) -> list[str]:
        """The scheduler, of which one server leads."""
        return [
            self.release.part("kube-scheduler"),
            *_flags(self._client("scheduler", 10259)),
            *_given(self.options, "kube-scheduler-arg"),
        ]

    def _client(self, name: str, port: int) -> dict[str, str | Path | int]:
        tls, path = self.paths.tls, self.paths.credentials / f"{name}.kubeconfig"
        write(path, kubeconfig(LOCAL_API, tls / "server-ca.crt", tls / f"client-{name}.crt"))
        return {
            "kubeconfig": path,
            "authentication-kubeconfig": path,
            "authorization-kubeconfig": path,
            "bind-address": "127.0.0.1",
            "secure-port": port,
            "tls-cert-file": tls / "serving-kube-apiserver.crt",
            "tls-private-key-file": tls / "serving-kube-apiserver.key",
            "profiling": "false",
        }


def _flags(flags: Mapping[str, str | Path | int]) -> Sequence[str]:
    return [f"--{name}={value}" for name, value in flags.items()]


def _given(options: Options, name: str) -> Sequence[str]:
    return [argument if argument.startswith("--") else f"--{argument}" for argument in options.many(name)]
