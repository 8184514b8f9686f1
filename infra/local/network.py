"""The cluster's network: a namespace of its own, a cable into it, and the host's routes to pods and services.

Nothing of the host's firewall or settings is touched: forwarding is switched on inside of the namespace only.
The cable carries the state folder's mark as its alias, so that no other cluster's network is taken for ours.
"""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

from infra.local.command import run
from infra.local.errors import CommandFailed, NotOurs
from infra.local.place import (
    HOST_ADDRESS,
    NAMESPACE,
    NAMESPACE_FILE,
    NODE_ADDRESS,
    NODE_NETWORK,
    POD_NETWORK,
    SERVICE_NETWORK,
    Place,
)

#: the host's end, and the end inside of the namespace; 15 characters at most
HOST_DEVICE = "homeostat0"
NODE_DEVICE = "node0"
#: reached through the node
_BEHIND = (POD_NETWORK, SERVICE_NETWORK)
_PREFIX = NODE_NETWORK.partition("/")[2]


def alias(place: Place) -> str:
    """What marks the cable as this cluster's."""
    return f"homeostat {place.mark}"


def exists() -> bool:
    """Whether a cluster's network is on this machine."""
    return _alias_there() is not None


def is_ours(place: Place) -> bool:
    """Whether this cluster's network is on this machine."""
    return _alias_there() == alias(place)


def require_ours(place: Place) -> None:
    """Make sure that the network on this machine, if there is one, is this cluster's.

    Raises:
        NotOurs: when another cluster made it.
    """
    there = _alias_there()
    if there is not None and there != alias(place):
        raise NotOurs(
            f"the network device {HOST_DEVICE} belongs to another local cluster on this machine "
            "(there can be one): stop that one first, with 'homeostat cluster stop' in its clone."
        )


def create(place: Place) -> Sequence[str]:
    """Bring the network to what it should be; return what was made.

    Raises:
        NotOurs: when another cluster of this machine uses it.
        CommandFailed: when the machine does not let us.
    """
    require_ours(place)
    made: list[str] = []
    if not NAMESPACE_FILE.exists():
        run("ip", "netns", "add", NAMESPACE)
        made.append(f"network namespace {NAMESPACE}")
    if _alias_there() is None:
        _cable(place)
        made.append(f"network device {HOST_DEVICE}")
    made += _addresses()
    made += [f"route to {network}" for network in _BEHIND if _route(network)]
    return made


def remove(place: Place) -> Sequence[str]:
    """Remove the network; return what was removed.

    Raises:
        NotOurs: when another cluster of this machine made it.
        CommandFailed: when the machine does not let us.
    """
    require_ours(place)
    removed: list[str] = []
    if _alias_there() is not None:
        # the other end, the addresses and the routes go with it
        run("ip", "link", "delete", HOST_DEVICE)
        removed.append(f"network device {HOST_DEVICE}")
    if NAMESPACE_FILE.exists():
        run("ip", "netns", "delete", NAMESPACE)
        removed.append(f"network namespace {NAMESPACE}")
    return removed


def taken(networks: Sequence[str] = (NODE_NETWORK, *_BEHIND)) -> Sequence[str]:
    """Those of ``networks`` that this machine routes somewhere else than into the cluster."""
    routes = _json("ip", "-json", "route", "show", "table", "all")
    return [network for network in networks if any(_overlaps(route, network) for route in routes)]


def _overlaps(route: Any, network: str) -> bool:
    if route.get("dev") == HOST_DEVICE or route["dst"] == "default" or ":" in route["dst"]:
        return False
    return ipaddress.ip_network(route["dst"], strict=False).overlaps(ipaddress.ip_network(network))


def _cable(place: Place) -> None:
    run(
        *("ip", "link", "add", HOST_DEVICE, "type", "veth"),
        *("peer", "name", NODE_DEVICE, "netns", NAMESPACE),
    )
    try:
        run("ip", "link", "set", "dev", HOST_DEVICE, "alias", alias(place))
    except CommandFailed:
        run("ip", "link", "delete", HOST_DEVICE)
        raise


def _addresses() -> Sequence[str]:
    made: list[str] = []
    if not _has_address(HOST_DEVICE, HOST_ADDRESS):
        run("ip", "address", "replace", f"{HOST_ADDRESS}/{_PREFIX}", "dev", HOST_DEVICE)
        run("ip", "link", "set", "dev", HOST_DEVICE, "up")
        made.append(f"address {HOST_ADDRESS} of the host")
    inside = ("ip", "-netns", NAMESPACE)
    if not _has_address(NODE_DEVICE, NODE_ADDRESS, *inside[1:]):
        run(*inside, "link", "set", "dev", "lo", "up")
        run(*inside, "address", "replace", f"{NODE_ADDRESS}/{_PREFIX}", "dev", NODE_DEVICE)
        run(*inside, "link", "set", "dev", NODE_DEVICE, "up")
        run(*inside, "route", "replace", "default", "via", HOST_ADDRESS)
        _forward()
        made.append(f"address {NODE_ADDRESS} of the node")
    return made


def _forward() -> None:
    """Let packets pass between the cable and the pods, inside of the namespace."""
    run(
        *("nsenter", f"--net={NAMESPACE_FILE}", "--", "sh", "-c"),
        "echo 1 > /proc/sys/net/ipv4/ip_forward",
    )


def _route(network: str) -> bool:
    """Make the host's route into the cluster, and say whether it was missing."""
    there = _json("ip", "-json", "route", "show", network)
    if any(route.get("gateway") == NODE_ADDRESS for route in there):
        return False
    run("ip", "route", "replace", network, "via", NODE_ADDRESS, "dev", HOST_DEVICE)
    return True


def _has_address(device: str, address: str, *where: str) -> bool:
    found = _json("ip", *where, "-json", "address", "show", "dev", device, "up")
    return any(entry.get("local") == address for link in found for entry in link.get("addr_info", ()))


def _alias_there() -> str | None:
    """The alias of the cable on this machine; None when there is no cable."""
    path = Path("/sys/class/net") / HOST_DEVICE / "ifalias"
    try:
        return path.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return None


def _json(*command: str) -> list[Any]:
    printed = run(*command).strip()
    return [entry for entry in cast("list[Any]", json.loads(printed)) if entry] if printed else []
