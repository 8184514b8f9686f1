"""What Kubernetes tells of its nodes, as far as whoever empties and restarts them must know it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any


def node_states(nodes: Mapping[str, Any], mark: str) -> Mapping[str, Mapping[str, Any]]:
    """Node name -> its version, whether it is ready, whether its etcd votes, and who cordoned it.

    Args:
        nodes: what ``kubectl get nodes --output=json`` prints.
        mark: the annotation of nodes that were cordoned by us.
    """
    return {node["metadata"]["name"]: _state(node, mark) for node in nodes["items"]}


def _state(node: Mapping[str, Any], mark: str) -> Mapping[str, Any]:
    conditions = {one["type"]: one["status"] for one in node.get("status", {}).get("conditions", [])}
    return {
        "version": node.get("status", {}).get("nodeInfo", {}).get("kubeletVersion", ""),
        "ready": conditions.get("Ready") == "True",
        "voter": conditions.get("EtcdIsVoter") == "True",
        "cordoned": bool(node.get("spec", {}).get("unschedulable")),
        "ours": mark in (node["metadata"].get("annotations") or {}),
    }


class FilterModule:
    """The filters of this file, by the names that tasks use."""

    def filters(self) -> Mapping[str, Callable[..., Any]]:
        """Name -> filter."""
        return {"node_states": node_states}
