"""The health checks in Lua, run by Argo CD itself: by them the tiers wait for each other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from tests.contract.argocd.judge import Judge

pytestmark = pytest.mark.go

GENERATED = {"type": "ResourcesUpToDate", "status": "True"}
NO_ERROR = {"type": "ErrorOccurred", "status": "False"}
LISTED = {"list": {"elements": [{"component": "a"}, {"component": "b"}]}}
FROM_GIT = {"git": {"files": [{"path": "manifests/models/*/release.yaml"}]}}


def tier(
    generator: dict[str, Any], *resources: dict[str, Any], conditions: Sequence[Any] | None = None
) -> Any:
    known = [NO_ERROR, GENERATED] if conditions is None else conditions
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "ApplicationSet",
        "metadata": {"name": "tier", "namespace": "argocd"},
        "spec": {"generators": [generator]},
        "status": {"conditions": known, "resources": list(resources)},
    }


def part(name: str, health: str = "Healthy", sync: str = "Synced") -> dict[str, Any]:
    return {"name": name, "status": sync, "health": {"status": health, "message": "because"}}


FAILED = [
    {"type": "ErrorOccurred", "status": "True", "message": "no such repository"},
    NO_ERROR | {"type": "x"},
]


@pytest.mark.parametrize(
    ("found", "expected", "words"),
    [
        (tier(LISTED, part("a"), part("b")), "Healthy", "2 Applications"),
        (tier(LISTED, part("a"), part("b", "Progressing")), "Progressing", "Waiting for b"),
        (tier(LISTED, part("a"), part("b", sync="OutOfSync")), "Progressing", "Waiting for b"),
        (tier(LISTED, part("a", "Missing"), part("b", "Unknown", "Unknown")), "Progressing", "a, b"),
        (tier(LISTED, part("a", "Progressing"), part("b", "Degraded")), "Degraded", "b is Degraded: because"),
        (tier(LISTED, {"name": "a"}, part("b")), "Progressing", "Waiting for a"),
        # calls itself up to date before it lists what it made
        (tier(LISTED, part("a")), "Progressing", "1 of 2"),
        (tier(LISTED), "Progressing", "0 of 2"),
        (tier(LISTED, part("a"), part("b"), conditions=[]), "Progressing", "being generated"),
        (tier(LISTED, part("a"), part("b"), conditions=FAILED), "Degraded", "no such repository"),
        # no model has been handed off yet
        (tier(FROM_GIT), "Healthy", "0 Applications"),
        (tier(FROM_GIT, part("model", "Progressing")), "Progressing", "Waiting for model"),
        ({**tier(LISTED), "status": None}, "Progressing", "Waiting for the ApplicationSet controller"),
    ],
)
def test_a_tier_is_as_healthy_as_its_applications(judge: Judge, found: Any, expected: str, words: str):
    status, message = judge.health(found)
    assert status == expected
    assert words in message


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (None, "Progressing"),
        ({}, "Progressing"),
        ({"health": {"status": "Healthy"}, "sync": {"status": "Synced"}}, "Healthy"),
        ({"health": {"status": "Healthy"}, "sync": {"status": "OutOfSync"}}, "Progressing"),
        ({"health": {"status": "Degraded"}, "sync": {"status": "Synced"}}, "Degraded"),
        ({"health": {"status": "Missing"}, "sync": {"status": "OutOfSync"}}, "Missing"),
    ],
)
def test_an_application_is_healthy_only_when_it_is_also_what_git_says(
    judge: Judge, status: Any, expected: str
):
    found = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": "a", "namespace": "argocd"},
        "spec": {"project": "platform", "destination": {}},
        "status": status,
    }
    assert judge.health(found)[0] == expected


def predictor(ready: str | None, transition: str | None = None, **more: Any) -> Any:
    conditions = [{"type": "PredictorReady", "status": "True"}]
    if ready is not None:
        conditions.append({"type": "Ready", "status": ready, "message": "Deployment does not have minimum"})
    return {
        "conditions": conditions,
        "modelStatus": {"transitionStatus": transition} if transition else {},
    } | more


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (None, "Progressing"),
        (predictor(None), "Progressing"),
        (predictor("Unknown"), "Progressing"),
        (predictor("False", "InProgress"), "Progressing"),
        (predictor("True"), "Healthy"),
        (predictor("True", "UpToDate"), "Healthy"),
        (predictor("True", "InProgress"), "Progressing"),
        # of the Deployment's generation, so it says nothing about the InferenceService's
        (predictor("True", "UpToDate", observedGeneration=1), "Healthy"),
        (predictor("False", "BlockedByFailedLoad"), "Degraded"),
        (predictor("True", "InvalidSpec"), "Degraded"),
        ({"conditions": [{"type": "Stopped", "status": "True"}]}, "Suspended"),
        (
            {"conditions": [{"type": "Stopped", "status": "False"}, {"type": "Ready", "status": "True"}]},
            "Healthy",
        ),
    ],
)
def test_an_inference_service_is_healthy_when_it_answers(judge: Judge, status: Any, expected: str):
    found = {
        "apiVersion": "serving.kserve.io/v1beta1",
        "kind": "InferenceService",
        "metadata": {"name": "a", "namespace": "models", "generation": 7},
        "spec": {},
        "status": status,
    }
    assert judge.health(found)[0] == expected


def test_a_failed_load_is_told_with_kserves_reason(judge: Judge):
    failure = {"lastFailureInfo": {"reason": "ModelLoadFailed", "message": "exit code 1"}}
    status = {"modelStatus": {"transitionStatus": "BlockedByFailedLoad"} | failure}
    found = {
        "apiVersion": "serving.kserve.io/v1beta1",
        "kind": "InferenceService",
        "metadata": {"name": "a", "namespace": "models"},
        "spec": {},
        "status": status,
    }
    assert judge.health(found) == ("Degraded", "BlockedByFailedLoad: exit code 1")


@pytest.mark.parametrize(
    ("phase", "expected"),
    [("Bound", "Healthy"), ("Pending", "Healthy"), ("Lost", "Degraded"), (None, "Healthy")],
)
def test_a_claim_that_waits_for_its_first_pod_is_no_reason_to_wait(
    judge: Judge, phase: str | None, expected: str
):
    found = {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": "backup", "namespace": "mlops"},
        "status": {"phase": phase} if phase else {},
    }
    assert judge.health(found)[0] == expected
