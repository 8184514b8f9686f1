"""What GitHub tells becomes an alert or a recovery; whoever can't sign is turned away."""

from __future__ import annotations

import httpx
import pytest

from tests.unit.triage.github_server import delivery_of, run_of, signature_of
from triage.alert import AlertBatch, Recovery
from triage.senders.github import parse_github
from triage.symptom import Symptom, symptom_of

SECRET = "a-secret-of-the-test-only"


@pytest.fixture
def github(serve, tmp_path):
    file = tmp_path / "github-secret"
    file.write_text(SECRET)
    return serve(github_secret_file=file)


def post(client: httpx.Client, body: bytes, event: str = "workflow_run", **headers: str) -> httpx.Response:
    signed = {"x-hub-signature-256": signature_of(body, SECRET), "x-github-event": event, **headers}
    # without the bearer token: the signature alone stands for GitHub
    return httpx.post(client.base_url.join("/webhooks/github"), content=body, headers=signed, timeout=20)


def test_a_failed_run_becomes_an_incident_about_its_repository(github):
    answer = post(github.client, delivery_of(run_of()))
    assert answer.status_code == 202
    github.settled()
    incident = github.only_incident()
    assert (incident["alertname"], incident["status"]) == ("PipelineFailed", "firing")


def test_the_same_delivery_again_changes_nothing(github):
    body = delivery_of(run_of())
    assert post(github.client, body).json()["accepted"] == 1
    assert post(github.client, body).json() == {"accepted": 0, "duplicates": 1, "incidents": []}


def test_the_second_attempt_of_a_run_is_another_alert_of_the_same_incident(github):
    first = post(github.client, delivery_of(run_of())).json()
    second = post(github.client, delivery_of(run_of(run_attempt=2, run_started_at="2026-01-02T04:00:00Z")))
    assert second.json()["accepted"] == 1
    assert second.json()["incidents"] == first["incidents"]


def test_a_green_run_of_the_same_branch_resolves_it(github):
    post(github.client, delivery_of(run_of()))
    post(github.client, delivery_of(run_of(7002, "success")))
    github.settled()
    assert github.only_incident()["status"] == "resolved"


def test_a_green_run_that_began_before_the_failed_one_resolves_nothing(github):
    post(github.client, delivery_of(run_of(7002, run_started_at="2026-01-02T03:06:00Z")))
    post(github.client, delivery_of(run_of(7001, "success", updated_at="2026-01-02T03:30:00Z")))
    github.settled()
    assert github.only_incident()["status"] == "firing"


def test_a_green_run_of_a_forks_main_resolves_nothing(github):
    post(github.client, delivery_of(run_of()))
    stranger = run_of(7002, "success", head_repository={"full_name": "stranger/shop"})
    post(github.client, delivery_of(stranger))
    github.settled()
    assert github.only_incident()["status"] == "firing"


@pytest.mark.parametrize(
    "signature",
    ["", "sha256=", "sha256=" + 64 * "0", "sha1=" + 40 * "0", signature_of(b"other", SECRET)],
)
def test_a_body_that_is_not_signed_by_github_is_turned_away(github, signature):
    answer = post(github.client, delivery_of(run_of()), **{"x-hub-signature-256": signature})
    assert answer.status_code == 401
    assert github.client.get("/api/incidents").json() == {"incidents": []}


def test_the_bearer_token_does_not_stand_in_for_the_signature(github):
    body = delivery_of(run_of())
    answer = github.client.post("/webhooks/github", content=body, headers={"x-github-event": "workflow_run"})
    assert answer.status_code == 401


def test_without_a_secret_no_delivery_is_taken_and_the_answer_says_so(serve):
    running = serve()
    answer = post(running.client, delivery_of(run_of()))
    assert answer.status_code == 503
    assert "TRIAGE_GITHUB_SECRET_FILE" in answer.text


@pytest.mark.parametrize("event", ["ping", "push", "workflow_job"])
def test_other_events_are_answered_and_forgotten(github, event):
    answer = post(github.client, b'{"zen": "Keep it logically awesome."}', event)
    assert answer.is_success
    assert "ignored" in answer.json()


@pytest.mark.parametrize("conclusion", ["cancelled", "skipped", "neutral", "action_required", "stale"])
def test_a_run_that_neither_failed_nor_succeeded_is_no_alert(conclusion):
    assert parse_github(delivery_of(run_of(conclusion=conclusion))) is None


@pytest.mark.parametrize("conclusion", ["failure", "timed_out", "startup_failure"])
def test_every_way_to_fail_is_an_alert_of_the_pipeline_class(conclusion):
    batch = parse_github(delivery_of(run_of(conclusion=conclusion)))
    assert isinstance(batch, AlertBatch)
    (alert,) = batch.alerts
    assert symptom_of(alert.name) is Symptom.PIPELINE
    assert batch.group_key == "github:acme/shop:ci:main"


def test_a_run_that_only_began_is_not_read():
    assert parse_github(delivery_of(run_of(), action="requested")) is None


def test_a_recovery_names_the_group_of_the_failure():
    failed = parse_github(delivery_of(run_of()))
    green = parse_github(delivery_of(run_of(7002, "success")))
    assert isinstance(failed, AlertBatch)
    assert isinstance(green, Recovery)
    assert failed.group_key == green.group_key


def test_a_secret_in_a_branchs_name_does_not_get_in():
    token = "ghp_" + "a1B2" * 9
    batch = parse_github(delivery_of(run_of(head_branch=f"fix-{token}")))
    assert token not in repr(batch)


def test_a_body_of_another_form_is_refused_with_sentences(github):
    answer = post(github.client, b'{"action": "completed", "workflow_run": {"id": "x"}}')
    assert answer.status_code == 400
    assert "workflow_run" in answer.json()["detail"]
