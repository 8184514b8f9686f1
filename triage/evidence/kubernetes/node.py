"""A node, as far as triage reads it: whether it is well, and what presses it."""

from __future__ import annotations

from collections.abc import Iterable

from triage.evidence.kubernetes.foreign import Condition, Foreign, Meta
from triage.evidence.kubernetes.numbered import saying, since
from triage.evidence.kubernetes.statement import Statement


class NodeSpec(Foreign):
    """What the node is to be."""

    unschedulable: bool = False


class NodeStatus(Foreign):
    """What the node is."""

    conditions: tuple[Condition, ...] = ()


class Node(Foreign):
    """One node."""

    metadata: Meta = Meta()
    spec: NodeSpec = NodeSpec()
    status: NodeStatus = NodeStatus()


def node_statements(node: Node) -> Iterable[Statement]:
    """What there is to say of a node."""
    name = node.metadata.name
    for at, one in enumerate(node.status.conditions):
        yield Statement(
            f"node {name}: {one.type} is {one.status}{since(one.since)}{saying(one.reason, one.message)}",
            ("status", "conditions", at, "status"),
            "node.condition",
            one.since,
            texts={
                "node": name,
                "type": one.type,
                "status": one.status,
                "reason": one.reason,
                "message": one.message,
            },
        )
    if node.spec.unschedulable:
        yield Statement(
            f"node {name} is cordoned",
            ("spec", "unschedulable"),
            "node.condition",
            texts={"node": name, "type": "Unschedulable", "status": "True", "reason": "Cordoned"},
        )
