"""Which alerts are one incident, and when it is forgotten."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from tests.unit.triage.conftest import Running
from tests.unit.triage.story import payload
from triage.alert import Alert, AlertBatch, AlertStatus
from triage.bootstrap import build
from triage.senders.alertmanager import parse_webhook
from triage.settings import Settings
from triage.store import tables
from triage.store.grouping import bounded
from triage.store.retention import Retention
from triage.store.writer import Writer

ON_EVERY_DATABASE = True

Serve = Callable[..., Running]

NOW = datetime.now(UTC).replace(microsecond=0)


def from_prometheus(alertname: str, application: str = "redis", status: str = "firing") -> dict[str, Any]:
    body = payload(NOW, alertname, status, fingerprint=f"{alertname}-{application}"[:32])
    labels = {"alertname": alertname, "application": application, "project": "platform"}
    body["alerts"][0]["labels"] = {**labels, "severity": "warning"}
    body["groupKey"] = f'{{}}:{{alertname="{alertname}", application="{application}"}}'
    return body


def from_argocd(trigger: str) -> dict[str, Any]:
    return {
        "trigger": trigger,
        "application": "redis",
        "started_at": (NOW - timedelta(minutes=6)).isoformat(),
        "health_since": (NOW - timedelta(minutes=5)).isoformat(),
    }


@pytest.mark.parametrize("alertname", ["ApplicationDegraded", "ApplicationNotSynced"])
def test_what_argo_cd_and_prometheus_tell_of_an_application_is_one_incident(
    serve: Serve, alertname: str
) -> None:
    running = serve()
    running.client.post("/webhooks/argocd", json=from_argocd("degraded"))
    running.post(from_prometheus(alertname))
    running.post(from_prometheus("ApplicationDegraded", "mlflow"))
    running.settled()
    found = running.client.get("/api/incidents").json()["incidents"]
    assert len(found) == 2
    # Argo CD's word that all is well ends both, and Prometheus's later one changes nothing
    running.client.post("/webhooks/argocd", json=from_argocd("recovered"))
    assert running.post(from_prometheus(alertname, status="resolved")).json()["accepted"] == 0
    running.settled()
    found = running.client.get("/api/incidents").json()["incidents"]
    assert {one["subject"]: one["status"] for one in found} == {"redis": "resolved", "mlflow": "firing"}


def test_another_alert_of_an_application_is_an_incident_of_its_own(serve: Serve) -> None:
    running = serve()
    running.client.post("/webhooks/argocd", json=from_argocd("degraded"))
    running.post(from_prometheus("PodNotReady"))
    running.settled()
    assert len(running.client.get("/api/incidents").json()["incidents"]) == 2


def test_a_key_that_is_too_long_is_cut_to_one_that_is_still_its_own() -> None:
    one, other = (bounded("\N{COLLISION SYMBOL}" * 3_000 + end) for end in "ab")
    assert one != other
    assert len(one.encode()) < 1_000
    assert bounded("a") == "a"


@dataclass
class Hands:
    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now


def test_old_incidents_are_forgotten_with_all_that_belongs_to_them(settings: Settings) -> None:
    clock = Hands()
    triage = build(settings, clock)
    writer = Writer(triage.engine)
    retention = Retention(triage.engine, writer, clock, timedelta(days=90), settings.reports)
    starts = {"over": NOW, "fires": NOW}

    def tell(name: str, status: str = "firing") -> None:
        ends_at = NOW if status == "resolved" else None
        body = payload(starts[name], name, status, ends_at=ends_at, fingerprint=name)
        triage.intake.take(parse_webhook(json.dumps(body)))

    for name in starts:
        tell(name)
    tell("over", "resolved")
    while job := triage.queue.claim():
        triage.queue.complete(job)
    report = settings.reports / f"{triage.store.latest()[0].id}.md"
    report.parent.mkdir(parents=True, exist_ok=True)
    report.write_text("old")
    clock.now = NOW + timedelta(days=89)
    assert retention.prune() == 0
    clock.now = NOW + timedelta(days=91)
    assert retention.prune() == 1
    assert [incident.primary.name for incident in triage.store.latest()] == ["fires"]
    clock.now = NOW + timedelta(days=181)
    assert retention.prune() == 1
    with triage.engine.begin() as connection:
        for table in (tables.alerts, tables.jobs, tables.incidents):
            assert connection.scalar(select(func.count()).select_from(table)) == 0
    assert not report.exists()
    writer.close()
    triage.close()


def test_an_incident_with_work_left_is_kept(settings: Settings) -> None:
    clock = Hands()
    triage = build(settings, clock)
    alert = Alert("a", AlertStatus.RESOLVED, NOW, NOW, {"alertname": "a"}, {})
    triage.intake.take(AlertBatch("a", (alert,)))
    writer = Writer(triage.engine)
    clock.now = NOW + timedelta(days=500)
    assert Retention(triage.engine, writer, clock, timedelta(days=90), settings.reports).prune() == 0
    writer.close()
    triage.close()
