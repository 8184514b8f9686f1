"""How the cluster's parts are told."""

from __future__ import annotations

from datetime import UTC, datetime

from infra.local.node_readiness import node_complaint, stale_pods
from infra.local.status import component_parts, pod_complaint, pods_part

STARTED = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
READY = {"type": "Ready", "status": "True"}


def pod(name: str = "pod", **status) -> dict:
    return {"metadata": {"namespace": "space", "name": name}, "status": status}


def node(status: str, heartbeat: str) -> dict:
    condition = {"type": "Ready", "status": status, "lastHeartbeatTime": heartbeat, "message": "no network"}
    return {"status": {"conditions": [condition]}}


def test_a_component_that_is_gone_is_named() -> None:
    parts = component_parts(["etcd"], ["etcd", "kubelet"])
    assert [(part.name, part.healthy) for part in parts] == [("etcd", True), ("kubelet", False)]


def test_what_else_was_started_is_shown_too() -> None:
    assert [part.name for part in component_parts(["forge", "etcd"], ["etcd"])] == ["etcd", "forge"]


def test_a_ready_pod_is_well() -> None:
    assert pod_complaint(pod(phase="Running", conditions=[READY])) is None


def test_a_pod_that_did_its_work_is_well() -> None:
    assert pod_complaint(pod(phase="Succeeded")) is None


def test_a_pod_that_crashes_is_told_with_the_reason() -> None:
    waiting = [{"state": {"waiting": {"reason": "CrashLoopBackOff"}}}]
    assert pod_complaint(pod(phase="Running", containerStatuses=waiting)) == "CrashLoopBackOff"


def test_pods_that_are_not_well_are_named() -> None:
    part = pods_part([pod("good", phase="Running", conditions=[READY]), pod("bad", phase="Pending")])
    assert (part.healthy, part.note) == (False, "1 of 2 well; not well: space/bad (pending, not ready)")


def test_a_node_s_report_from_before_the_start_does_not_count() -> None:
    assert node_complaint(node("True", "2026-03-01T11:59:59Z"), STARTED) == "the kubelet has not reported yet"
    assert node_complaint(node("True", "2026-03-01T12:00:00Z"), STARTED) is None


def test_a_node_that_is_not_ready_says_why() -> None:
    assert node_complaint(node("False", "2026-03-01T12:00:01Z"), None) == "no network"
    assert node_complaint({}, None) == "the kubelet has not reported yet"


def test_pods_whose_containers_are_from_before_the_start_are_stale() -> None:
    def begun(at: str) -> dict:
        return pod(containerStatuses=[{"state": {"running": {"startedAt": at}}}])

    assert stale_pods([begun("2026-03-01T11:00:00Z")], STARTED) == ["space/pod"]
    assert stale_pods([begun("2026-03-01T12:00:05Z"), pod(phase="Pending")], STARTED) == []
