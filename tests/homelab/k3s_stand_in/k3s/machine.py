"""The machine as a node of the cluster."""

from __future__ import annotations

import os
import platform
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .log import FatalError
from .options import Options

_ALLOWED_LABELS = {
    *("kubernetes.io/hostname", "kubernetes.io/arch", "kubernetes.io/os", "beta.kubernetes.io/arch"),
    *("beta.kubernetes.io/os", "beta.kubernetes.io/instance-type", "node.kubernetes.io/instance-type"),
    *("topology.kubernetes.io/zone", "topology.kubernetes.io/region"),
}


@dataclass(frozen=True, slots=True)
class Machine:
    """A node's name and address."""

    name: str
    address: str


def this_machine(options: Options) -> Machine:
    """What the node is called, and where others reach it."""
    name = options.one("node-name", socket.gethostname()).lower()
    return Machine(name, options.split("node-ip")[0] if options.one("node-ip") else _own_address())


def labels(options: Options) -> dict[str, str]:
    """The labels that the node asks for itself.

    Raises:
        FatalError: when the kubelet would refuse them.
    """
    pairs = (label.partition("=") for label in options.split("node-label"))
    found = {key: content for key, _, content in pairs}
    refused = sorted(
        key
        for key in found
        if _reserved(domain := key.rpartition("/")[0])
        and key not in _ALLOWED_LABELS
        and not domain.endswith(("kubelet.kubernetes.io", "node.kubernetes.io"))
    )
    if refused:
        raise FatalError(
            "kubelet exited: failed to validate kubelet flags: unknown 'kubernetes.io' or 'k8s.io' labels "
            f"specified with --node-labels: [{' '.join(refused)}]"
        )
    return found


def taints(options: Options) -> list[dict[str, str]]:
    """The taints that the node asks for, of key=value:Effect each."""
    found: list[dict[str, str]] = []
    for taint in options.split("node-taint"):
        pair, colon, effect = taint.rpartition(":")
        if not colon or effect not in {"NoSchedule", "PreferNoSchedule", "NoExecute"}:
            raise FatalError(f"kubelet exited: invalid taint effect: {effect}, unsupported taint {taint}")
        key, _, content = pair.partition("=")
        found.append({"key": key, "value": content, "effect": effect})
    return found


def refuse_bad_flags(options: Options) -> None:
    """Hold against the kubelet's rules what is meant for it.

    Raises:
        FatalError: when the kubelet would not start with it.
    """
    labels(options)
    taints(options)


def status(machine: Machine, version: str) -> dict[str, Any]:
    """The node's status but its conditions, which kwok keeps."""
    memory = next(line for line in Path("/proc/meminfo").read_text().splitlines() if "MemTotal" in line)
    capacity = {"cpu": str(os.cpu_count() or 1), "memory": f"{memory.split()[1]}Ki", "pods": "110"}
    return {
        "addresses": [
            {"type": "InternalIP", "address": machine.address},
            {"type": "Hostname", "address": machine.name},
        ],
        "capacity": capacity,
        "allocatable": capacity,
        "nodeInfo": {
            "architecture": "amd64",
            "bootID": Path("/proc/sys/kernel/random/boot_id").read_text().strip(),
            "containerRuntimeVersion": "containerd://2.1.5-k3s1",
            "kernelVersion": platform.release(),
            "kubeProxyVersion": "",
            "kubeletVersion": version,
            "machineID": _first_line(Path("/etc/machine-id")),
            "operatingSystem": "linux",
            "osImage": _os_image(),
            "systemUUID": _first_line(Path("/etc/machine-id")),
        },
    }


def _reserved(domain: str) -> bool:
    return any(domain == root or domain.endswith(f".{root}") for root in ("kubernetes.io", "k8s.io"))


def _own_address() -> str:
    # nothing is sent: the kernel only picks the address that it would send from
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            raise FatalError("unable to select an IP from default routes.") from None
        return probe.getsockname()[0]


def _first_line(path: Path) -> str:
    return path.read_text().strip() if path.exists() else ""


def _os_image() -> str:
    lines = Path("/etc/os-release").read_text().splitlines()
    return next((line.split("=", 1)[1].strip('"') for line in lines if line.startswith("PRETTY_NAME")), "")
