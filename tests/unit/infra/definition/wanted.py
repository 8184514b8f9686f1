"""A definition without mistakes, as plain data for tests to change."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from homeostat.errors import ConfigError
from infra.definition.document import Definition
from infra.definition.load import parse_definition

SOURCE = Path("/nowhere/cluster.yaml")
PUBLIC_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f me@laptop"


def content(servers: int = 3, agents: int = 3) -> dict[str, Any]:
    """Of three hosts, with the nodes spread over them and every section."""
    return {
        "name": "home",
        "proxmox": {
            "endpoints": ["https://pve1.home.arpa:8006"],
            "token": {"id": "homeostat@pve!platform"},
            "template": {
                "image": "https://cloud.example.org/debian.qcow2",
                "checksum": {"algorithm": "sha256", "value": "5f" * 32},
            },
            "hosts": {f"pve{host}": {"memory": "128GiB", "cores": 16} for host in (1, 2, 3)},
        },
        "network": {
            "cidr": "192.168.20.0/24",
            "gateway": "192.168.20.1",
            "dns": ["192.168.20.1"],
            "api_vip": "192.168.20.10",
            "dhcp": {"first": "192.168.20.200", "last": "192.168.20.250"},
        },
        "nodes": [
            *(node(f"server-{place}", "server", place) for place in range(servers)),
            *(node(f"agent-{place}", "agent", servers + place) for place in range(agents)),
        ],
        "ssh": {"authorized_keys": [PUBLIC_KEY]},
        "k3s": {"version": "v1.34.4+k3s1"},
        "git": {"repository": "git@git.home.arpa:me/homeostat.git"},
        "backups": {"path": "/var/backups/k3s"},
    }


def node(name: str, role: str, place: int) -> dict[str, Any]:
    return {
        "name": name,
        "role": role,
        "host": f"pve{place % 3 + 1}",
        "vmid": 201 + place,
        "address": f"192.168.20.{11 + place}",
        "memory": "4GiB",
        "disk": "32GiB",
    }


def parsed(given: dict[str, Any]) -> Definition:
    return parse_definition(given, SOURCE)


def mistakes(given: dict[str, Any]) -> tuple[str, ...]:
    try:
        parsed(given)
    except ConfigError as error:
        return error.mistakes
    return ()
