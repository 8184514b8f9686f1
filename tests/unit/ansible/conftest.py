"""What the tests of ``ansible/`` start from: a cluster.yaml, and Ansible's own programs on it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from homeostat.yaml_text import to_yaml

ROOT = Path(__file__).parents[3]
ANSIBLE = ROOT / "ansible"
OWNER = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDaSPtmKMaiC8UHz2gMOSU4fNo+ikElZLLC1lxZSCVI0 owner@home"
GUEST = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIC9fN8dfKE+MouzNrNa+kBnryXsho+OhJ1bkNDn3n8Cj guest@home"


class Ansible:
    """Ansible's programs in a folder with a cluster.yaml, as a person would call them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.state = folder / "state"
        self.definition = folder / "cluster.yaml"
        key = folder / "key"
        (folder / "key.pub").write_text(f"{OWNER}\n")
        self.content: dict[str, Any] = {
            "version": 1,
            "name": "home",
            "proxmox": {
                "endpoints": ["https://pve1.home.arpa:8006"],
                "token": {"id": "homeostat@pve!platform"},
                "template": {
                    "image": "https://images.home.arpa/debian-12.qcow2",
                    "checksum": {"algorithm": "sha256", "value": "ab" * 32},
                },
            },
            "network": {
                "cidr": "192.168.20.0/24",
                "gateway": "192.168.20.1",
                "dns": ["192.168.20.1"],
                "api_vip": "192.168.20.10",
            },
            "nodes": [
                *(node(f"server-{number}", "server", 10 + number) for number in (1, 2, 3)),
                node("agent-1", "agent", 21)
                | {
                    "labels": {"homeostat.dev/pool": "models"},
                    "taints": [{"key": "gpu", "value": "yes", "effect": "NoSchedule"}],
                },
            ],
            "ssh": {"key_file": str(key), "authorized_keys": [GUEST]},
            "k3s": {"version": "v1.34.4+k3s1", "airgap_folder": "release"},
            "git": {"repository": "https://git.home.arpa/home.git"},
            "firewall": {"administrators": ["10.8.0.0/24"]},
        }
        self.write()

    def write(self) -> None:
        """Write the definition as it now is."""
        self.definition.write_text(to_yaml(self.content), encoding="utf-8")

    def run(self, program: str, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run one of Ansible's programs on the definition."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")}
        settings = {
            "ANSIBLE_CONFIG": str(ANSIBLE / "ansible.cfg"),
            "ANSIBLE_HOME": str(self.folder / ".ansible"),
            "ANSIBLE_NOCOLOR": "1",
            "HOMEOSTAT_STATE": str(self.state),
        }
        return subprocess.run(
            [Path(sys.executable).with_name(program), "-i", self.definition, *arguments],
            cwd=self.folder,
            env={**inherited, **settings, **variables},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )


def node(name: str, role: str, last: int) -> Mapping[str, Any]:
    """One machine of the definition."""
    return {
        "name": name,
        "role": role,
        "host": "pve1",
        "vmid": 200 + last,
        "address": f"192.168.20.{last}",
        "memory": "4GiB",
        "disk": "32GiB",
    }


@pytest.fixture
def ansible(tmp_path: Path) -> Ansible:
    return Ansible(tmp_path)
