"""The webhook's door: who may come in, what is kept, and what is answered."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from homeostat.errors import ConfigError
from tests.unit.triage.conftest import Running
from tests.unit.triage.databases import only_read, refusing
from tests.unit.triage.story import TOKEN, Story, payload
from triage.bootstrap import build
from triage.settings import Settings, load_settings

ON_EVERY_DATABASE = True

Serve = Callable[..., Running]


def test_a_call_without_the_token_is_refused(serve: Serve, story: Story) -> None:
    running = serve()
    for path in ("/webhooks/alertmanager", "/webhooks/heartbeat"):
        for header in (None, "Bearer wrong", TOKEN, f"Basic {TOKEN}", "Bearer"):
            headers = {"authorization": header} if header is not None else {}
            answer = httpx.post(f"{running.client.base_url}{path}", json=story.payload(), headers=headers)
            assert answer.status_code == 401
    assert running.client.get("/api/incidents").json()["incidents"] == []


def test_without_a_token_triage_refuses_to_start(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "short").write_text("guess me\n")
    for file in (tmp_path / "missing", tmp_path / "short"):
        with pytest.raises(ConfigError, match="TRIAGE_TOKEN_FILE"):
            build(settings.model_copy(update={"token_file": file}))


def test_missing_settings_are_named_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRIAGE_PROMETHEUS_URL", "localhost")
    with pytest.raises(ConfigError) as caught:
        load_settings()
    assert "'token_file' is required" in str(caught.value)
    assert "'prometheus_url' is 'localhost'" in str(caught.value)


def test_an_accepted_alert_is_stored_before_the_answer(serve: Serve, story: Story) -> None:
    running = serve()
    answer = running.post(story.payload())
    assert answer.status_code == 202
    assert answer.json()["accepted"] == 1
    assert running.only_incident()["alertname"] == "ModelInferenceLatencyHigh"


def test_a_duplicate_is_accepted_and_changes_nothing(serve: Serve, story: Story) -> None:
    running = serve()
    running.post(story.payload())
    running.settled()
    before = running.only_incident()
    answer = running.post(story.payload())
    running.settled()
    assert answer.status_code == 202
    assert answer.json() == {"accepted": 0, "duplicates": 1, "incidents": []}
    assert running.only_incident() == before


def test_a_wrong_type_is_answered_400_with_a_sentence(serve: Serve, story: Story) -> None:
    running = serve()
    wrong = [
        ({"version": "3"}, "'version' is '3'"),
        ({"alerts": "none"}, "'alerts' is 'none'"),
        ({"alerts": []}, "'alerts'"),
        ({"groupKey": None}, "'groupKey' is empty"),
    ]
    for change, sentence in wrong:
        answer = running.post({**story.payload(), **change})
        assert answer.status_code == 400
        assert sentence in answer.json()["detail"]


def test_a_body_that_is_not_json_is_answered_400(serve: Serve) -> None:
    answer = serve().client.post("/webhooks/alertmanager", content=b"\xff{half")
    assert answer.status_code == 400
    assert "JSON" in answer.json()["detail"]


def test_an_oversized_body_is_answered_so_that_alertmanager_keeps_it(serve: Serve, story: Story) -> None:
    running = serve(most_body_bytes=2_000)
    body = json.dumps({**story.payload(), "padding": "x" * 5_000}).encode()
    answer = running.client.post("/webhooks/alertmanager", content=body)
    assert answer.status_code == 503
    chunked = running.client.post(
        "/webhooks/alertmanager", content=(body[at : at + 100] for at in range(0, len(body), 100))
    )
    assert chunked.status_code == 503


def test_what_cannot_be_stored_is_not_accepted(serve: Serve, story: Story) -> None:
    running = serve()
    with refusing(running.triage.engine, "jobs"):
        answer = running.post(story.payload())
        assert answer.status_code == 503
        assert running.client.get("/api/incidents").json()["incidents"] == []
        failures = 'homeostat_triage_intake_failures_total{kind="full"} 1.0'
        assert failures in running.client.get("/metrics").text
    assert running.post(story.payload()).json()["accepted"] == 1


def test_a_read_only_database_refuses_alerts_and_heartbeats(serve: Serve, story: Story) -> None:
    running = serve()
    only_read(running.triage.engine)
    assert running.post(story.payload()).status_code == 503
    assert running.client.post("/webhooks/heartbeat").status_code == 503
    failures = 'homeostat_triage_intake_failures_total{kind="read-only"} 2.0'
    assert failures in running.client.get("/metrics").text


def test_the_heartbeat_is_shown(serve: Serve) -> None:
    running = serve()
    assert running.client.get("/healthz").json()["last_heartbeat"] is None
    assert running.client.post("/webhooks/heartbeat", json={"alerts": []}).status_code == 202
    last = datetime.fromisoformat(running.client.get("/healthz").json()["last_heartbeat"])
    assert abs(datetime.now(UTC) - last) < timedelta(minutes=1)
    assert "homeostat_triage_heartbeat_timestamp_seconds 1." in running.client.get("/metrics").text


def test_metrics_count_calls_alerts_and_jobs(serve: Serve, story: Story) -> None:
    running = serve()
    running.post(story.payload())
    running.post(story.payload())
    running.settled()
    text = running.client.get("/metrics").text
    assert 'homeostat_triage_webhook_requests_total{code="202",endpoint="alertmanager"} 2.0' in text
    assert 'homeostat_triage_alerts_total{outcome="duplicate"} 1.0' in text
    assert 'homeostat_triage_jobs{state="done"} 1.0' in text
    assert "homeostat_triage_worker_up 1.0" in text


def test_an_unknown_incident_is_404(serve: Serve) -> None:
    client = serve().client
    for path in ("/api/incidents/none", "/incidents/none", "/api/incidents/none/plot.svg"):
        assert client.get(path).status_code == 404


def test_alerts_of_one_group_become_one_incident(serve: Serve) -> None:
    running = serve()
    start = datetime.now(UTC)
    for fingerprint in ("aaaaaaaaaaaaaaaa", "bbbbbbbbbbbbbbbb"):
        running.post(payload(start, fingerprint=fingerprint))
    running.settled()
    assert len(running.only_incident()["report"]["alerts"]) == 2


def test_a_group_that_returns_after_a_quiet_time_is_a_new_incident(serve: Serve) -> None:
    running = serve()
    start = datetime.now(UTC) - timedelta(hours=2)
    running.post(payload(start))
    running.post(payload(start, status="resolved", ends_at=start + timedelta(minutes=5)))
    running.post(payload(start + timedelta(hours=1)))
    running.settled()
    assert len(running.client.get("/api/incidents").json()["incidents"]) == 2


def test_a_group_that_returns_at_once_is_the_same_incident_and_said_to_flap(serve: Serve) -> None:
    running = serve()
    start = datetime.now(UTC) - timedelta(hours=2)
    running.post(payload(start))
    running.post(payload(start, status="resolved", ends_at=start + timedelta(minutes=5)))
    running.post(payload(start + timedelta(minutes=6)))
    running.settled()
    incident = running.only_incident()
    assert incident["status"] == "firing"
    assert "Flapping" in running.client.get(f"/incidents/{incident['id']}").text


def test_a_firing_that_arrives_after_its_resolution_does_not_reopen(serve: Serve) -> None:
    running = serve()
    start = datetime.now(UTC) - timedelta(minutes=9)
    running.post(payload(start, status="resolved", ends_at=start + timedelta(minutes=5)))
    running.post(payload(start))
    running.settled()
    assert running.only_incident()["status"] == "resolved"


def test_the_front_page_leads_to_every_report(serve: Serve, story: Story) -> None:
    running = serve()
    assert running.client.get("/").text == "No incident so far.\n"
    running.post(story.payload())
    running.settled()
    (line,) = running.client.get("/").text.splitlines()
    assert "ModelInferenceLatencyHigh" in line
    assert running.client.get(line.split()[-1]).status_code == 200
