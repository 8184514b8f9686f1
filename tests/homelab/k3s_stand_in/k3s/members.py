"""Nodes and etcd's members follow each other: who has joined votes, and who is deleted leaves."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from . import log
from .etcd_client import Etcd, EtcdError, Member
from .kube_api import MERGE, STATUS_PATCH, ApiError, Document, KubeApi
from .machine import Machine
from .node_password import forget

NAME, ADDRESS = "etcd.k3s.cattle.io/node-name", "etcd.k3s.cattle.io/node-address"
#: what a person writes at a node whose member is to leave, and what K3s answers
REMOVE, REMOVED = "etcd.k3s.cattle.io/remove", "etcd.k3s.cattle.io/removed-node-name"
#: what must be done before a node may go; etcd's is on servers alone
NODE_FINALIZER, ETCD_FINALIZER = "wrangler.cattle.io/node", "wrangler.cattle.io/managed-etcd-controller"
_VOTES = ("True", "MemberNotLearner", "Node is a voting member of the etcd cluster")
_LEARNS = (
    "False",
    "MemberIsLearner",
    "Node has not been promoted to voting member of the etcd cluster",
)


@dataclass(frozen=True, slots=True)
class Members:
    """What each server does in turns; all of it can be done by several at once."""

    api: KubeApi
    etcd: Etcd

    def mark_server(self, machine: Machine, member: str, *, more_labels: tuple[str, ...] = ()) -> None:
        """Say at the node that it is a server, and which member of etcd it is."""
        roles = ("control-plane", "etcd", *more_labels)
        metadata = {
            "labels": {f"node-role.kubernetes.io/{role}": "true" for role in roles},
            "annotations": {NAME: member, ADDRESS: machine.address},
        }
        self.api.call("PATCH", f"/api/v1/nodes/{machine.name}", {"metadata": metadata}, MERGE)

    def reconcile(self) -> None:
        """One turn.

        Raises:
            ApiError, EtcdError, OSError: when the cluster is not able to now.
        """
        members = self.etcd.members()
        for learner in (one for one in members if one.is_learner and one.name):
            self._promote(learner)
        by_name = {one.name: one for one in members}
        for node in self.api.call("GET", "/api/v1/nodes")["items"]:
            if "deletionTimestamp" in node["metadata"]:
                self._let_go(node, by_name)
            elif REMOVE in node["metadata"].get("annotations", {}):
                self._leave_etcd(node, by_name)
            else:
                self._keep(node, by_name)

    def _promote(self, learner: Member) -> None:
        # refused until it is in sync with the leader
        with suppress(EtcdError):
            self.etcd.call("cluster/member/promote", {"ID": learner.id})
            log.info(f"Learner {learner.name} has been promoted to voting member")

    def _keep(self, node: Document, members: dict[str, Member]) -> None:
        metadata = node["metadata"]
        name = metadata.get("annotations", {}).get(NAME)
        wanted = [NODE_FINALIZER] + ([ETCD_FINALIZER] if name else [])
        there = metadata.get("finalizers", [])
        if missing := [one for one in wanted if one not in there]:
            self._write_finalizers(node, [*there, *missing])
        if name and name in members:
            self._say_whether_votes(node, members[name])

    def _say_whether_votes(self, node: Document, member: Member) -> None:
        state, reason, message = _LEARNS if member.is_learner else _VOTES
        conditions = node.get("status", {}).get("conditions", [])
        if any(one["type"] == "EtcdIsVoter" and one["status"] == state for one in conditions):
            return
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        condition = {"type": "EtcdIsVoter", "status": state, "reason": reason, "message": message}
        condition |= {"lastHeartbeatTime": now, "lastTransitionTime": now}
        path = f"/api/v1/nodes/{node['metadata']['name']}/status"
        self.api.call("PATCH", path, {"status": {"conditions": [condition]}}, STATUS_PATCH)

    def _let_go(self, node: Document, members: dict[str, Member]) -> None:
        metadata = node["metadata"]
        there = metadata.get("finalizers", [])
        if ETCD_FINALIZER in there:
            member = members.get(metadata.get("annotations", {}).get(NAME, ""))
            if member is not None:
                log.info(f"Removing etcd member {member.name} of deleted node {metadata['name']}")
                self.etcd.call("cluster/member/remove", {"ID": member.id})
        if NODE_FINALIZER in there:
            forget(self.api, metadata["name"])
        left = [one for one in there if one not in {ETCD_FINALIZER, NODE_FINALIZER}]
        if left != there:
            self._write_finalizers(node, left)

    def _leave_etcd(self, node: Document, members: dict[str, Member]) -> None:
        """The member goes, the node stays; a mark of an earlier removal is taken away with its answer."""
        annotations = node["metadata"]["annotations"]
        name, removed = annotations.get(NAME), annotations.get(REMOVED)
        answer: dict[str, str | None] = {}
        if removed and name and name != removed:
            answer = {REMOVE: None, REMOVED: None}
        elif name and annotations[REMOVE].lower() == "true":
            log.info("Removing etcd member from cluster due to node removal annotation")
            if name in members:
                self.etcd.call("cluster/member/remove", {"ID": members[name].id})
            answer = {NAME: None, ADDRESS: None, REMOVED: name}
        if answer:
            path = f"/api/v1/nodes/{node['metadata']['name']}"
            self.api.call("PATCH", path, {"metadata": {"annotations": answer}}, MERGE)

    def _write_finalizers(self, node: Document, finalizers: list[str]) -> None:
        metadata = node["metadata"]
        body = {"metadata": {"finalizers": finalizers, "resourceVersion": metadata["resourceVersion"]}}
        try:
            self.api.call("PATCH", f"/api/v1/nodes/{metadata['name']}", body, MERGE)
        except ApiError as error:
            # another server was faster
            if error.status not in {404, 409}:
                raise
