"""This machine as a node: registered as a kubelet registers, then kept by kwok in the kubelet's place."""

from __future__ import annotations

import json
import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass

from . import machine as machines
from .kube_api import STATUS_PATCH, Document, KubeApi, client, kubeconfig
from .machine import Machine
from .options import Options
from .paths import Paths, write
from .release import Release

NODES = "/api/v1/nodes"
_LEASES = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases"


@dataclass(frozen=True, slots=True)
class Node:
    """How the node of one machine comes to be."""

    release: Release
    paths: Paths
    options: Options
    machine: Machine
    #: where this machine reaches the API
    api_url: str

    @property
    def api(self) -> KubeApi:
        """The API as this node."""
        return client(
            self.api_url, self.paths.agent / "server-ca.crt", self.paths.agent / "client-kubelet.crt"
        )

    def place_certificate(self, authority: str, certificate: str, key: str) -> None:
        """Keep what makes this machine a node."""
        agent = self.paths.agent
        write(agent / "server-ca.crt", authority, 0o644)
        write(agent / "client-kubelet.key", key)
        write(agent / "client-kubelet.crt", certificate, 0o644)
        config = kubeconfig(self.api_url, agent / "server-ca.crt", agent / "client-kubelet.crt")
        write(agent / "kubelet.kubeconfig", config)

    def register(self) -> None:
        """Create the node, or say what this release makes of it; labels and taints count but once."""
        path = f"{NODES}/{self.machine.name}"
        self.api.create(NODES, self._document())
        body = {"status": machines.status(self.machine, self.release.version)}
        self.api.call("PATCH", f"{path}/status", body, STATUS_PATCH)
        # kwok waits until the lease of its last run ends, where a kubelet knows its own
        self.api.delete(f"{_LEASES}/{self.machine.name}")

    def kwok(self) -> list[str]:
        """The program that keeps the node and its pods."""
        stages = self.paths.agent / "etc" / "stages.yaml"
        write(stages, pkgutil.get_data(__package__ or "k3s", "stages.yaml") or b"")
        return [
            self.release.part("kwok"),
            f"--config={stages}",
            f"--kubeconfig={self.paths.agent / 'kubelet.kubeconfig'}",
            f"--manage-single-node={self.machine.name}",
            f"--node-name={self.machine.name}",
            f"--node-ip={self.machine.address}",
            "--node-lease-duration-seconds=40",
            "--v=warn",
        ]

    def _document(self) -> Document:
        arguments = json.dumps([f"--{name}" for name in sorted(self.options.values)])
        return {
            "apiVersion": "v1",
            "kind": "Node",
            "metadata": {
                "name": self.machine.name,
                "labels": {**self._own_labels(), **machines.labels(self.options)},
                "annotations": {
                    "k3s.io/hostname": self.machine.name,
                    "k3s.io/internal-ip": self.machine.address,
                    "k3s.io/node-args": arguments,
                },
            },
            "spec": {"taints": machines.taints(self.options)},
        }

    def _own_labels(self) -> Mapping[str, str]:
        return {
            "beta.kubernetes.io/arch": "amd64",
            "beta.kubernetes.io/instance-type": "k3s",
            "beta.kubernetes.io/os": "linux",
            "kubernetes.io/arch": "amd64",
            "kubernetes.io/hostname": self.machine.name,
            "kubernetes.io/os": "linux",
            "node.kubernetes.io/instance-type": "k3s",
        }
