"""A lab's network: a bridge in a network namespace of its own, and one cable from there to this machine.

The bridge is not the machine's, so neither its firewall nor its settings see what hosts send each other, and
hosts have no way out: the gateway answers at once that everything else is unreachable. All of it goes with
the processes in the namespace, of which the first is the holder.
"""

from __future__ import annotations

import ipaddress
import json
import subprocess
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from homeostat.errors import MachineError
from tests.homelab.hosts.command import CommandFailed, run

BRIDGE = "br0"
#: what labs take their /24 from; K3s' defaults and the local cluster use others
_POOL = ipaddress.IPv4Network("10.231.0.0/16")
_HOLDER = f"""
ip link set lo up
ip link add {BRIDGE} type bridge
ip address add "$1" dev {BRIDGE}
ip link set {BRIDGE} up
echo 1 > /proc/sys/net/ipv4/ip_forward
echo 0 > /proc/sys/net/ipv4/icmp_ratelimit
ip route add unreachable default
echo ready
exec sleep infinity
"""


@dataclass(frozen=True, slots=True)
class LabNetwork:
    """The network of a running lab."""

    network: ipaddress.IPv4Network
    #: the process that holds the namespace
    holder: subprocess.Popen[bytes]

    @property
    def gateway(self) -> ipaddress.IPv4Address:
        """The bridge, behind which there is nothing."""
        return gateway(self.network)

    @property
    def machine(self) -> ipaddress.IPv4Address:
        """This machine, as hosts see it."""
        return machine(self.network)

    def inside(self, *command: str) -> tuple[str, ...]:
        """The command line that runs ``command`` in the namespace of the bridge."""
        return ("nsenter", f"--net=/proc/{self.holder.pid}/ns/net", "--", *command)


def gateway(network: ipaddress.IPv4Network) -> ipaddress.IPv4Address:
    """The first address."""
    return network[1]


def machine(network: ipaddress.IPv4Network) -> ipaddress.IPv4Address:
    """The last address."""
    return network[-2]


def free_network(claimed: Collection[ipaddress.IPv4Network]) -> ipaddress.IPv4Network:
    """A /24 that no lab has claimed and that this machine routes nowhere.

    Raises:
        MachineError: when there is none.
    """
    routes = _json(run("ip", "-json", "route", "show", "table", "all"))
    known = [str(route["dst"]) for route in routes if route["dst"] != "default" and ":" not in route["dst"]]
    taken = [*claimed, *(ipaddress.IPv4Network(destination, strict=False) for destination in known)]
    for candidate in _POOL.subnets(new_prefix=24):
        if not any(candidate.overlaps(other) for other in taken):
            return candidate
    raise MachineError(f"every /24 of {_POOL} is taken on this machine, so there is none for a lab.")


def device(lab: str) -> str:
    """The machine's end of the cable to a lab."""
    return f"hlab{lab}"


def create(lab: str, network: ipaddress.IPv4Network, environment: dict[str, str]) -> LabNetwork:
    """Make the namespace, the bridge and the cable."""
    holder = subprocess.Popen(
        ["unshare", "--net", "--", "sh", "-euc", _HOLDER, "sh", f"{gateway(network)}/{network.prefixlen}"],
        stdout=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        env=environment,
        start_new_session=True,
    )
    assert holder.stdout is not None
    if holder.stdout.readline() != b"ready\n":
        raise MachineError("no bridge can be made in a network namespace on this machine.")
    made = LabNetwork(network, holder)
    name = device(lab)
    run("ip", "link", "add", name, "type", "veth", "peer", "name", "machine", "netns", str(holder.pid))
    run("ip", "link", "set", "dev", name, "alias", f"homeostat lab {lab}", "addrgenmode", "none")
    run("ip", "address", "add", f"{made.machine}/{network.prefixlen}", "dev", name)
    run(*made.inside("ip", "link", "set", "machine", "master", BRIDGE, "up"))
    run("ip", "link", "set", name, "up")
    return made


def remove(lab: str) -> None:
    """Remove the cable to this machine; the rest goes with the lab's processes."""
    there = Path("/sys/class/net") / device(lab)
    if there.exists():
        try:
            run("ip", "link", "delete", device(lab))
        except CommandFailed:
            # the kernel may be quicker: it goes with the namespace of its other end
            if there.exists():
                raise


def _json(printed: str) -> list[dict[str, Any]]:
    # iproute2 prints empty objects for what it filtered out
    return [entry for entry in cast("list[dict[str, Any]]", json.loads(printed or "[]")) if entry]
