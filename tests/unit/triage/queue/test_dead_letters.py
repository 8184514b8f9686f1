"""What was given up can be read and be tried again, from the command line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import Engine
from typer.testing import CliRunner

from homeostat.errors import HomeostatError
from triage.alert import Alert, AlertBatch, AlertStatus
from triage.cli import app
from triage.clock import utc_now
from triage.queue.enqueueing import enqueue
from triage.queue.jobs import JobQueue, QueuePolicy
from triage.store.database import open_database
from triage.store.recording import record

ON_EVERY_DATABASE = True


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = open_database(database_url)
    yield engine
    engine.dispose()


def give_up(engine: Engine, name: str) -> int:
    now = utc_now()
    alert = Alert(name, AlertStatus.FIRING, now, None, {"alertname": name}, {})
    with engine.begin() as connection:
        (incident_id,) = record(connection, AlertBatch(name, (alert,)), now, timedelta(0)).touched
        enqueue(connection, incident_id, now)
    queue = JobQueue(engine, utc_now, QueuePolicy(attempts=1), "here")
    job = queue.claim()
    assert job is not None
    queue.fail(job, f"OSError: {name} is [full]")
    return job.id


def run(*arguments: str) -> str:
    done = CliRunner().invoke(app, list(arguments))
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.output


def test_what_was_given_up_is_listed_with_its_reason_and_tried_again(
    engine: Engine, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "no job was given up" in run("dead", "--database", database_url)
    first, second, third = (give_up(engine, name) for name in "abc")
    monkeypatch.setenv("TRIAGE_DATABASE_URL", database_url)
    assert "OSError: a is [full]" in " ".join(run("dead").split())
    listed = json.loads(run("dead", "--json"))
    assert [one["id"] for one in listed] == [third, second, first]
    assert listed[0]["reason"] == "OSError: c is [full]"
    assert "1 job waits again" in run("requeue", str(first))
    with pytest.raises(HomeostatError, match=f"no dead job has the id {first}"):
        run("requeue", str(first))
    assert "2 jobs wait again" in run("requeue", "--all")
    assert json.loads(run("dead", "--json")) == []


def test_which_jobs_must_be_said(database_url: str) -> None:
    assert "name the jobs, or say --all" in run("requeue", "--database", database_url)
    assert "name the jobs, or say --all" in run("requeue", "1", "--all", "--database", database_url)
