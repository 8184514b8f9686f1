"""Argo CD's notifications over HTTP: one incident an application, closed by its recovery."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.unit.triage.conftest import Running
from tests.unit.triage.databases import refusing
from tests.unit.triage.story import TOKEN

ON_EVERY_DATABASE = True

Serve = Callable[..., Running]

STARTED = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=10)
ERROR = "one or more objects failed to apply, reason: Deployment.apps is invalid (retried 5 times)."


def notification(trigger: str = "sync-failed", **changes: Any) -> dict[str, Any]:
    """A body as the template of argocd-notifications makes it."""
    return {
        "trigger": trigger,
        "application": "redis",
        "project": "platform",
        "sync_status": "OutOfSync",
        "health_status": "Healthy",
        "phase": "Failed",
        "message": ERROR,
        "revision": "c" * 40,
        "started_at": STARTED.isoformat(),
        "finished_at": (STARTED + timedelta(seconds=40)).isoformat(),
        "health_since": None,
        "repository": "https://forge.invalid/homeostat.git",
        "path": "manifests/redis/overlays/local",
        "destination_namespace": "mlops",
        **changes,
    }


def post(running: Running, body: object) -> httpx.Response:
    return running.client.post("/webhooks/argocd", json=body)


def incidents(running: Running) -> list[dict[str, Any]]:
    running.settled()
    return running.client.get("/api/incidents").json()["incidents"]


def test_a_failed_sync_becomes_an_incident_with_a_cited_report(serve: Serve) -> None:
    running = serve()
    answer = post(running, notification())
    assert answer.status_code == 202
    assert answer.json()["accepted"] == 1
    (incident,) = incidents(running)
    assert (incident["alertname"], incident["status"]) == ("ApplicationSyncFailed", "firing")
    assert datetime.fromisoformat(incident["started_at"]) == STARTED
    report = running.only_incident()["report"]
    assert report["causes"][0]["title"] == "Argo CD could not sync redis: Deployment.apps is invalid"
    assert report["causes"][0]["citations"][0]["evidence"] == "alert"
    assert report["runbook"] == "docs/runbooks/ApplicationNotSynced.md"
    text = running.client.get(f"/incidents/{incident['id']}").text
    assert text.startswith("# ApplicationSyncFailed on redis\n")


@pytest.mark.parametrize("header", [None, "Bearer wrong", TOKEN, "Bearer"])
def test_without_the_token_nothing_is_taken(serve: Serve, header: str | None) -> None:
    running = serve()
    headers = {"authorization": header} if header is not None else {}
    url = f"{running.client.base_url}/webhooks/argocd"
    assert httpx.post(url, json=notification(), headers=headers).status_code == 401
    assert incidents(running) == []


def test_a_retry_changes_nothing(serve: Serve) -> None:
    running = serve()
    post(running, notification())
    assert post(running, notification()).json() == {"accepted": 0, "duplicates": 1, "incidents": []}


def test_another_failed_sync_is_the_same_incident_and_no_flapping(serve: Serve) -> None:
    running = serve()
    post(running, notification())
    later = STARTED + timedelta(minutes=3)
    second = notification(started_at=later.isoformat(), message="a second error")
    assert post(running, second).json()["accepted"] == 1
    (incident,) = incidents(running)
    report = running.only_incident()["report"]
    assert report["causes"][0]["title"].endswith("a second error")
    assert report["relapses"] == 0
    assert datetime.fromisoformat(incident["started_at"]) == STARTED


def test_its_recovery_resolves_all_of_an_application_and_nothing_else(serve: Serve) -> None:
    running = serve()
    post(running, notification())
    since = (STARTED + timedelta(minutes=5)).isoformat()
    post(running, notification("degraded", health_status="Degraded", health_since=since))
    post(running, notification(application="mlflow"))
    answer = post(running, notification("recovered", phase="Succeeded", sync_status="Synced"))
    assert answer.json()["accepted"] == 2
    states = {one["status"] for one in incidents(running)}
    assert states == {"resolved", "firing"}
    resolved = next(one for one in incidents(running) if one["status"] == "resolved")
    report = running.client.get(f"/incidents/{resolved['id']}").text
    assert "Resolved at" in report
    assert post(running, notification("recovered")).json() == {
        "accepted": 0,
        "duplicates": 1,
        "incidents": [],
    }


def test_a_recovery_that_nobody_waits_for_is_accepted_and_opens_nothing(serve: Serve) -> None:
    running = serve()
    assert post(running, notification("recovered")).status_code == 202
    assert incidents(running) == []


def test_an_application_that_degrades_again_after_its_recovery_is_told_again(serve: Serve) -> None:
    running = serve(quiet_seconds=0)
    first = notification("degraded", health_since=(STARTED + timedelta(minutes=1)).isoformat())
    post(running, first)
    post(running, notification("recovered"))
    again = notification("degraded", health_since=(datetime.now(UTC) + timedelta(seconds=1)).isoformat())
    assert post(running, again).json()["accepted"] == 1
    assert sorted(one["status"] for one in incidents(running)) == ["firing", "resolved"]


def test_a_degradation_within_the_quiet_time_is_said_to_flap(serve: Serve) -> None:
    running = serve()
    post(running, notification("degraded", health_since=(STARTED + timedelta(minutes=1)).isoformat()))
    post(running, notification("recovered"))
    post(running, notification("degraded", health_since=datetime.now(UTC).isoformat()))
    (incident,) = incidents(running)
    assert "Flapping" in running.client.get(f"/incidents/{incident['id']}").text


def test_fields_that_an_application_lacks_may_be_empty(serve: Serve) -> None:
    running = serve()
    lacking = dict.fromkeys(("message", "revision", "phase", "project", "path", "destination_namespace"), "")
    times = {"started_at": None, "finished_at": None, "health_since": None}
    assert post(running, notification("degraded", **lacking, **times)).status_code == 202


def test_the_folder_of_a_model_names_the_model(serve: Serve) -> None:
    running = serve()
    post(running, notification("degraded", path="manifests/models/phishing_detector"))
    (incident,) = incidents(running)
    assert incident["model"] == "phishing_detector"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"application": "../etc"}, "'application' is '../etc': must be an application's name"),
        ({"application": None}, "'application' is required"),
        ({"trigger": "exploded"}, "'trigger' is 'exploded'"),
        ({"started_at": "yesterday"}, "'started_at' is 'yesterday'"),
        ({"message": 7}, "'message' is 7: must be a text"),
    ],
)
def test_a_wrong_field_is_answered_with_a_sentence(
    serve: Serve, change: dict[str, Any], sentence: str
) -> None:
    answer = post(serve(), notification(**change))
    assert answer.status_code == 400
    assert sentence in answer.json()["detail"]


def test_a_secret_in_the_message_reaches_no_report(serve: Serve) -> None:
    running = serve()
    post(running, notification(message="clone failed: https://bot:hunter2hunter2@forge.invalid refused"))
    running.settled()
    assert "hunter2" not in str(running.only_incident())


def test_what_cannot_be_stored_is_not_accepted(serve: Serve) -> None:
    running = serve()
    post(running, notification())
    running.settled()
    with refusing(running.triage.engine, "alerts"):
        assert post(running, notification(application="mlflow")).status_code == 503
        assert post(running, notification("recovered")).status_code == 503
    (incident,) = incidents(running)
    assert incident["status"] == "firing"


def test_the_calls_are_counted(serve: Serve) -> None:
    running = serve()
    post(running, notification())
    metrics = running.client.get("/metrics").text
    assert 'homeostat_triage_webhook_requests_total{code="202",endpoint="argocd"} 1.0' in metrics
