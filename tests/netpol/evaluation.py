"""Whether a connection passes, by the rules of networking.k8s.io/v1.

A connection needs both ends: the source's egress and the destination's ingress. An end that no policy
isolates in that direction allows all; an isolated one allows what any of its policies allows. Policies only
add up, so there is no order and no denial. Answers belong to their connection and pass with it. A pod always
reaches itself, and its own node always reaches it (that is how the kubelet probes it) and is reached by it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tests.netpol.endpoints import Connection, Endpoint, Node, Pod
from tests.netpol.policy import Direction, Policy


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the connection passes, and why in one sentence."""

    allowed: bool
    sentence: str


def judge(connection: Connection, policies: Sequence[Policy]) -> Verdict:
    """The verdict of all policies of the cluster on one connection."""
    if free := _needs_no_policy(connection):
        return Verdict(True, f"{connection}: {free}.")
    ends = (
        (Direction.EGRESS, connection.source, connection.destination),
        (Direction.INGRESS, connection.destination, connection.source),
    )
    reasons: list[str] = []
    for direction, end, other in ends:
        allowed, reason = _end(direction, end, other, connection, policies)
        if not allowed:
            return Verdict(False, f"{connection}: {reason}.")
        reasons.append(reason)
    return Verdict(True, f"{connection}: {', and '.join(reasons)}.")


def isolated(pod: Pod, direction: Direction, policies: Sequence[Policy]) -> bool:
    """Whether any policy isolates the pod in the direction."""
    return any(policy.isolates(pod, direction) for policy in policies)


def _needs_no_policy(connection: Connection) -> str:
    source, destination = connection.source, connection.destination
    if source == destination:
        return "a pod always reaches itself"
    if _is_own_node(source, destination) or _is_own_node(destination, source):
        return "a pod and its own node always reach each other"
    return ""


def _is_own_node(end: Endpoint, other: Endpoint) -> bool:
    return isinstance(end, Pod) and isinstance(other, Node) and end.node == other.name


def _end(
    direction: Direction, end: Endpoint, other: Endpoint, connection: Connection, policies: Sequence[Policy]
) -> tuple[bool, str]:
    if not isinstance(end, Pod):
        return True, f"no policy is about {end}"
    selecting = [policy for policy in policies if policy.isolates(end, direction)]
    if not selecting:
        return True, f"nothing isolates the {direction.lower()} of {end}"
    for policy in selecting:
        if policy.allows(direction, other, connection.port, connection.destination):
            return True, f"{policy.namespace}/{policy.name} allows the {direction.lower()} of {end}"
    names = ", ".join(sorted(policy.name for policy in selecting))
    return False, f"the {direction.lower()} of {end} is isolated by {names}, and none of them allows it"
