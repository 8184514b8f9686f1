"""Addresses: each lies in the network of the nodes, is nobody else's, and is not given away by DHCP."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from ipaddress import IPv4Address

from infra.definition.document import Nets
from infra.definition.draft import Draft

_GATEWAY, _VIP = "network.gateway", "network.api_vip"


def addresses(draft: Draft) -> Iterator[str]:
    """Gateway, VIP and nodes are hosts of ``network.cidr``, and the first two belong to no other."""
    if draft.network is None:
        return
    for field, address in _ours(draft, draft.network).items():
        if sentence := _not_a_host(field, address, draft.network):
            yield sentence
    yield from _taken(draft, draft.network)


def dhcp(draft: Draft) -> Iterator[str]:
    """The range of DHCP is one of the network, and holds none of our addresses."""
    if draft.network is None or draft.network.dhcp is None:
        return
    network, given = draft.network, draft.network.dhcp
    outside = [
        f"'network.dhcp.{end}' is {address}: it must lie in 'network.cidr' ({network.cidr})."
        for end, address in (("first", given.first), ("last", given.last))
        if address not in network.cidr
    ]
    if outside or given.first > given.last:
        yield from outside or [
            f"'network.dhcp' goes from {given.first} to {given.last}: 'first' must not come after 'last'."
        ]
        return
    for field, address in _ours(draft, network).items():
        if given.first <= address <= given.last:
            yield (
                f"'{field}' is {address}: the router gives it away by DHCP ({given.first} to {given.last}); "
                "take one outside of that range, or make the range smaller."
            )


def _ours(draft: Draft, network: Nets) -> Mapping[str, IPv4Address]:
    vip = {_VIP: network.api_vip} if network.api_vip else {}
    nodes = {f"nodes.{label}.address": node.address for label, node in draft.nodes.items()}
    return {_GATEWAY: network.gateway, **vip, **nodes}


def _not_a_host(field: str, address: IPv4Address, network: Nets) -> str | None:
    cidr = network.cidr
    if address not in cidr:
        return f"'{field}' is {address}: it must lie in 'network.cidr' ({cidr})."
    # networks of one or two addresses have neither
    if cidr.prefixlen < 31 and address in {cidr.network_address, cidr.broadcast_address}:
        kind = "network itself" if address == cidr.network_address else "network's broadcast"
        return (
            f"'{field}' is {address}: it is the address of the {kind}; "
            f"choose one from {cidr.network_address + 1} to {cidr.broadcast_address - 1}."
        )
    return None


def _taken(draft: Draft, network: Nets) -> Iterator[str]:
    if network.api_vip == network.gateway:
        yield (
            f"'{_VIP}' is {network.api_vip}: 'network.gateway' has it already; the VIP needs one of its own."
        )
    for label, node in draft.nodes.items():
        # equal to both is told once
        for other, address in ((_GATEWAY, network.gateway), (_VIP, network.api_vip)):
            if node.address == address:
                yield (
                    f"'nodes.{label}.address' is {address}: '{other}' has it already; "
                    "each needs an address of its own."
                )
                break
