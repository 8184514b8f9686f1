from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from infra.gitops.applications import Application, application
from infra.gitops.errors import NotSettled
from infra.gitops.waiting import Patience, all_since, watch

AT_ONCE = Patience(limit_seconds=0.2, stall_seconds=0.1, pause_seconds=0.01)


def found(name: str, sync: str = "Synced", health: str = "Healthy", tier: str = "", **status: Any) -> Any:
    labels = {"homeostat.dev/tier": tier} if tier else {}
    known = {"sync": {"status": sync}, "health": {"status": health}, "reconciledAt": "2026-01-01T00:00:02Z"}
    return {"metadata": {"name": name, "labels": labels}, "status": {**known, **status}}


class Sights:
    """What is seen, look by look; the last stays."""

    def __init__(self, *sights: Sequence[Any]) -> None:
        self.left = list(sights)

    def __call__(self) -> list[Application]:
        now = self.left.pop(0) if len(self.left) > 1 else self.left[0]
        return sorted((application(item) for item in now), key=lambda item: item.rank)


def test_waiting_ends_when_the_root_and_all_others_are_settled_and_tells_each_change_once():
    said: list[str] = []
    look = Sights(
        [found("root", "OutOfSync", "Missing")],
        [found("root", health="Progressing"), found("mlflow", health="Progressing", tier="platform")],
        [found("root", health="Progressing"), found("mlflow", health="Progressing", tier="platform")],
        [found("root"), found("mlflow", tier="platform")],
    )
    watch(look, said.append, Patience(pause_seconds=0), all_since())
    assert [line.split() for line in said] == [
        ["root", "OutOfSync", "Missing"],
        ["mlflow", "Synced", "Progressing"],
        ["root", "Synced", "Progressing"],
        ["mlflow", "Synced", "Healthy"],
        ["root", "Synced", "Healthy"],
    ]


def test_what_argo_cd_said_before_the_start_does_not_count():
    with pytest.raises(NotSettled, match="does not compare with git"):
        watch(Sights([found("root")]), lambda line: None, AT_ONCE, all_since("2026-01-01T00:00:03Z"))


def test_without_the_root_nothing_is_settled():
    with pytest.raises(NotSettled, match="root Application"):
        watch(Sights([]), lambda line: None, AT_ONCE, all_since())


def test_the_sentence_names_the_application_of_the_earliest_tier_and_its_first_unhealthy_resource():
    resources = [
        {"kind": "Service", "name": "mlflow", "namespace": "mlops", "health": {"status": "Healthy"}},
        {
            "kind": "Deployment",
            "name": "mlflow",
            "namespace": "mlops",
            "health": {"status": "Progressing", "message": "Waiting for rollout\nto finish"},
        },
    ]
    look = Sights(
        [
            found("triage", "OutOfSync", "Missing", tier="observability"),
            found("mlflow", health="Progressing", tier="platform", resources=resources),
            found("root", health="Progressing"),
        ]
    )
    with pytest.raises(
        NotSettled,
        match=r"Application mlflow \(tier platform\) is Synced and Progressing: "
        r"Deployment mlops/mlflow is Progressing: Waiting for rollout to finish\. \(2 more wait\)",
    ):
        watch(look, lambda line: None, AT_ONCE, all_since())


def test_a_condition_is_told_before_the_operation_and_a_refused_object_before_its_summary():
    compared = found("a", conditions=[{"type": "ComparisonError", "message": "no such path"}])
    assert "no such path" in application(compared).sentence
    operation = {
        "phase": "Failed",
        "message": "one or more objects failed to apply",
        "syncResult": {
            "resources": [{"kind": "Pod", "name": "p", "status": "SyncFailed", "message": "not permitted"}]
        },
    }
    refused = found("a", "OutOfSync", "Missing", operationState=operation)
    assert application(refused).sentence == ("Application a is OutOfSync and Missing: Pod p: not permitted.")


def test_an_application_that_nobody_has_looked_at_yet_is_not_settled():
    fresh = application({"metadata": {"name": "new"}})
    assert not fresh.is_settled
    assert fresh.sentence == "Application new is not compared with git and without health."


def test_an_application_that_goes_away_is_told():
    said: list[str] = []
    look = Sights(
        [found("root", health="Progressing"), found("old")],
        [found("root", health="Progressing")],
        [found("root")],
    )
    watch(look, said.append, Patience(pause_seconds=0), all_since())
    assert "old  gone" in said
