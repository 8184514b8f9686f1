"""A cluster of real hosts with real etcd and API servers, on which day 2 is tried."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from homeostat.paths import repository_root
from homeostat.yaml_text import to_yaml
from infra.playbooks.recap import Recap
from infra.playbooks.running import Run, perform
from tests.homelab.hosts import Host, Lab
from tests.homelab.k3s_stand_in.build import build
from tests.homelab.k3s_stand_in.parts import CURRENT, PREVIOUS

SERVERS = ("server-1", "server-2", "server-3")
NAME = "lab"
GIB = 2**30


class Cluster:
    """Hosts of a lab with the cluster.yaml that describes them."""

    def __init__(self, lab: Lab, folder: Path, agents: Sequence[str]) -> None:
        self.lab = lab
        self.folder = folder
        self.state = folder / "state"
        self.definition = folder / "cluster.yaml"
        self.agents = agents
        lab.parts = folder / "parts"
        self.releases = {
            version: build(version, folder / "releases" / version, lab.parts)
            for version in (CURRENT, PREVIOUS)
        }
        self.hosts: dict[str, Host] = {}
        for number, name in enumerate((*SERVERS, *agents), start=11):
            self.hosts[name] = lab.create(name, str(lab.network[number]))

    def describe(self, version: str) -> None:
        """Write the cluster.yaml of all hosts, with that version of K3s."""
        nodes = [
            {
                "name": name,
                "role": "server" if name in SERVERS else "agent",
                "host": "pve1",
                "vmid": 200 + number,
                "address": str(host.address),
                "memory": "2GiB",
                "disk": "16GiB",
            }
            for number, (name, host) in enumerate(self.hosts.items())
        ]
        content = {
            "version": 1,
            "name": NAME,
            "proxmox": {
                "endpoints": ["https://pve1.home.arpa:8006"],
                "token": {"id": "homeostat@pve!platform"},
                "template": {
                    "image": "https://images.example/debian-12.qcow2",
                    "checksum": {"algorithm": "sha256", "value": "ab" * 32},
                },
            },
            "network": {
                "cidr": str(self.lab.network),
                "gateway": str(self.lab.gateway),
                "dns": [str(self.lab.gateway)],
            },
            "nodes": nodes,
            "ssh": {"key_file": str(self.lab.key)},
            "k3s": {
                "version": version,
                "airgap_folder": str(self.releases[version]),
            },
            "git": {"repository": "https://git.example/homeostat.git"},
            "backups": {"schedule": "0 */6 * * *", "keep": 3, "path": "/var/backups/k3s"},
        }
        self.definition.write_text(to_yaml(content), encoding="utf-8")

    def start(self) -> None:
        """Switch all hosts on, and wait until they can be entered."""
        for host in self.hosts.values():
            host.start()
        for host in self.hosts.values():
            host.wait_for_ssh()

    def play(self, playbook: str, **extra: Any) -> Recap:
        """Run a playbook as ``homeostat hosts`` does."""
        return perform(self.run(playbook, **extra), repository_root(), self.state, lambda _: None)

    def run(self, playbook: str, **extra: Any) -> Run:
        """The run of a playbook on these hosts."""
        return Run(playbook, self.definition, extra)

    def kubectl(self, *arguments: str, server: str = SERVERS[0], given: bytes = b"") -> str:
        """What kubectl prints on a server."""
        return self.hosts[server].run("k3s", "kubectl", "--request-timeout=10s", *arguments, given=given)

    def nodes(self, server: str = SERVERS[0]) -> Mapping[str, Any]:
        """Name -> node, as the API tells."""
        items = json.loads(self.kubectl("get", "nodes", "--output=json", server=server))["items"]
        return {item["metadata"]["name"]: item for item in items}


def started(lab: Lab, folder: Path, version: str) -> Cluster:
    """Three servers and an agent that are switched on; K3s is not on them yet."""
    cluster = Cluster(lab, folder, ["agent-1"])
    cluster.describe(version)
    cluster.start()
    return cluster


def condition(node: Mapping[str, Any], kind: str) -> str:
    """The status of a node's condition; "" when it has none of that kind."""
    found = [one["status"] for one in node["status"]["conditions"] if one["type"] == kind]
    return found[0] if found else ""
