"""What a sender with the token can do wrong: nothing of it stops the worker or spoils what comes after."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.unit.triage.conftest import Running
from tests.unit.triage.story import Story, payload

ON_EVERY_DATABASE = True

Serve = Callable[..., Running]


def _with(story: Story, **changes: Any) -> dict[str, Any]:
    body = story.payload()
    body["alerts"][0] |= changes
    return body


@pytest.mark.parametrize(
    "starts_at", ["0001-01-01T00:00:00+14:00", "1969-12-31T23:59:59Z", "9999-12-31T23:59:59-12:00"]
)
def test_a_start_that_nobody_can_reckon_with_is_refused(serve: Serve, story: Story, starts_at: str) -> None:
    answer = serve().post(_with(story, startsAt=starts_at))
    assert answer.status_code == 400
    assert f"'alerts.0.startsAt' is '{starts_at}': must be" in answer.json()["detail"]


@pytest.mark.parametrize("ends_at", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", None])
def test_an_impossible_end_is_the_time_of_the_call_and_spoils_no_later_alert(
    serve: Serve, story: Story, ends_at: str | None
) -> None:
    running = serve()
    assert running.post(_with(story, status="resolved", endsAt=ends_at)).status_code == 202
    resolved_at = datetime.fromisoformat(running.only_incident()["resolved_at"])
    assert story.now <= resolved_at <= datetime.now(UTC)
    assert running.post(payload(datetime.now(UTC) + timedelta(hours=1))).status_code == 202


@pytest.mark.parametrize(
    "labels",
    [
        {},
        {"alertname": "a\x00b", "model": "../../etc", "service": "../../../etc/passwd"},
        {"alertname": "../a\n# Heading\n<script>", "model": "<img src=x>"},
        {"alertname": "\N{COLLISION SYMBOL}" * 3_000, "model": "\x1b[31mred"},
    ],
)
def test_odd_labels_still_get_their_report(serve: Serve, story: Story, labels: dict[str, str]) -> None:
    running = serve()
    assert running.post(_with(story, labels=labels)).status_code == 202
    running.settled()
    assert running.only_incident()["report"]["status"] == "firing"
    assert running.triage.queue.dead() == []


def test_an_alert_of_long_ago_is_diagnosed_within_reach(serve: Serve, story: Story) -> None:
    running = serve()
    running.post(_with(story, startsAt="1970-01-02T00:00:00Z"))
    running.settled()
    statuses = {item["status"] for item in running.only_incident()["evidence"] if item["id"] == "metrics"}
    assert "error" not in statuses


@pytest.mark.timeout(120)
def test_ten_thousand_alerts_in_one_call_are_one_incident(serve: Serve, story: Story) -> None:
    running = serve()
    body = story.payload()
    body["alerts"] = [{**body["alerts"][0], "fingerprint": f"{index:016x}"} for index in range(10_000)]
    answer = running.client.post("/webhooks/alertmanager", json=body, timeout=60)
    assert answer.json()["accepted"] == 10_000
    assert len(answer.json()["incidents"]) == 1
    again = running.client.post("/webhooks/alertmanager", json=body, timeout=60)
    assert again.json() == {"accepted": 0, "duplicates": 10_000, "incidents": []}
    running.settled()
    report = running.client.get(f"/incidents/{answer.json()['incidents'][0]}").text
    assert "9980 more alerts" in report


def test_what_is_no_json_is_refused_without_echoing_it_whole(serve: Serve) -> None:
    running = serve()
    for body in (
        b"",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b"null",
        b"9" * 100_000,
        b'{"a": "\\ud800"}',
    ):
        answer = running.client.post("/webhooks/alertmanager", content=body)
        assert answer.status_code == 400
        assert len(answer.text) < 1_000
