"""The workflows that explain failures and alerts, run by act; what strangers wrote stays data."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from homeostat.yaml_text import read_yaml

pytestmark = pytest.mark.go

WORKFLOWS = Path(__file__).parents[3] / ".github" / "workflows"
INJECTION = "'; touch INJECTED; $(touch INJECTED) `touch INJECTED` \"; touch INJECTED; #"


def run(scratch, workflow: str, event: str, content: object):
    file = scratch.folder / "event.json"
    file.write_text(json.dumps(content))
    return scratch.run(event, "-W", f".github/workflows/{workflow}.yml", "-e", str(file))


def told_of(conclusion: str) -> object:
    run = {
        "id": 7001,
        "run_attempt": 2,
        "conclusion": conclusion,
        "head_branch": INJECTION,
        "name": INJECTION,
    }
    return {"action": "completed", "workflow_run": run, "repository": {"default_branch": "main"}}


@pytest.mark.parametrize("conclusion", ["failure", "timed_out", "startup_failure"])
def test_a_failed_run_is_explained(scratch, conclusion):
    done = run(scratch, "pipeline-triage", "workflow_run", told_of(conclusion))
    assert done.returncode == 0, done.stdout[-2000:]
    assert "triage-workflow-run --repository" in scratch.trace
    assert not list(scratch.folder.rglob("INJECTED"))


def test_a_green_run_is_not_explained(scratch):
    done = run(scratch, "pipeline-triage", "workflow_run", told_of("success"))
    assert done.returncode == 0, done.stdout[-2000:]
    assert scratch.trace == []


@pytest.mark.parametrize("wrapped", [True, False])
def test_a_dispatched_alert_is_explained_and_never_run(scratch, wrapped):
    payload = {"version": "4", "alerts": [{"annotations": {"summary": INJECTION}}]}
    event = {"action": "alert", "client_payload": {"alert": payload} if wrapped else payload}
    done = run(scratch, "alert-triage", "repository_dispatch", event)
    assert done.returncode == 0, done.stdout[-2000:]
    assert "triage-run --alert" in scratch.trace
    assert (scratch.folder / "artifacts" / "report" / "report.md").exists()
    assert not list(scratch.folder.rglob("INJECTED"))


def test_every_workflow_that_people_start_is_explained_when_it_fails():
    watched = read_yaml(WORKFLOWS / "pipeline-triage.yml")["on"]["workflow_run"]["workflows"]
    started = {
        read_yaml(path)["name"]
        for path in WORKFLOWS.glob("*.yml")
        if {"push", "pull_request", "schedule"} & set(read_yaml(path)["on"])
    }
    # triage itself starts "ct"
    assert set(watched) == started | {"ct"}
