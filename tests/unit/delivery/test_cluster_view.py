"""What the rollout is told about a model in a cluster, from the objects as Kubernetes gives them."""

from __future__ import annotations

from typing import Any

import pytest

from delivery.places.cluster_view import Objects, view_of
from delivery.rollout import ServiceView

NEW, OLD = "b" * 40, "a" * 40
URL = "http://10.43.0.77"


def application(revision: str = NEW, sync: str = "Synced", **operation: Any) -> dict[str, Any]:
    return {"status": {"sync": {"status": sync, "revision": revision}, "operationState": operation}}


def deployment(**status: Any) -> dict[str, Any]:
    settled = {"observedGeneration": 2, "replicas": 2, "updatedReplicas": 2, "availableReplicas": 2}
    return {"metadata": {"generation": 2}, "spec": {"replicas": 2}, "status": settled | status}


def pod(reason: str) -> dict[str, Any]:
    waiting = {"waiting": {"reason": reason, "message": "back-off"}}
    return {"metadata": {"name": "toy-1"}, "status": {"containerStatuses": [{"state": waiting}]}}


def view(**changed: Any) -> ServiceView:
    whole: dict[str, Any] = {
        "application": application(),
        "inference_service": {},
        "deployment": deployment(),
        "service": {"spec": {"clusterIP": "10.43.0.77"}},
        "pods": (),
    }
    return view_of(Objects(**(whole | changed)), lambda revision: revision == NEW)


def test_a_settled_deployment_of_the_commit_is_not_under_way() -> None:
    assert view() == ServiceView(URL, "", given_up=False, under_way=False)


@pytest.mark.parametrize(
    "status",
    [
        {"observedGeneration": 1},
        {"updatedReplicas": 1},
        {"replicas": 3},
        {"availableReplicas": 1},
    ],
    ids=["not-observed", "half-updated", "old-pod-left", "new-pod-not-available"],
)
def test_while_an_old_pod_may_answer_the_rollout_is_under_way(status: dict[str, int]) -> None:
    assert view(deployment=deployment(**status)) == ServiceView(
        URL, "rolling out", given_up=False, under_way=True
    )


@pytest.mark.parametrize(
    ("of_argo", "told"),
    [
        (None, "Argo CD has no Application of it yet"),
        (application(OLD), "Argo CD has not read the commit yet"),
        (application(sync="OutOfSync"), "Argo CD applies it"),
    ],
    ids=["no-application", "old-revision", "out-of-sync"],
)
def test_what_argo_cd_has_not_applied_is_awaited(of_argo: dict[str, Any] | None, told: str) -> None:
    assert view(application=of_argo) == ServiceView(URL, told, given_up=False, under_way=True)


def test_a_sync_of_the_commit_that_failed_is_given_up_with_its_message() -> None:
    failed = application(
        OLD, "OutOfSync", phase="Failed", message="no such kind", syncResult={"revision": NEW}
    )
    seen = view(application=failed)
    assert (seen.given_up, seen.told) == (True, "Argo CD can't apply it: no such kind")


def test_a_sync_of_an_earlier_commit_that_failed_is_not_held_against_this_one() -> None:
    failed = application(OLD, phase="Failed", message="no such kind", syncResult={"revision": OLD})
    assert not view(application=failed).given_up


def test_a_rollout_past_its_deadline_is_given_up() -> None:
    late = {"type": "Progressing", "status": "False", "message": "has timed out progressing"}
    seen = view(deployment=deployment(conditions=[late], updatedReplicas=1))
    assert (seen.given_up, seen.told) == (True, "rollout failed: has timed out progressing")


def test_a_pod_that_waits_in_vain_is_named() -> None:
    seen = view(deployment=deployment(updatedReplicas=1), pods=(pod("ImagePullBackOff"),))
    assert (seen.told, seen.under_way) == ("toy-1 waits: ImagePullBackOff: back-off", True)


def test_a_pod_that_is_only_being_created_is_no_trouble() -> None:
    assert view(pods=(pod("ContainerCreating"),)).told == ""


def test_without_a_service_there_is_no_url() -> None:
    assert view(service=None).url is None
