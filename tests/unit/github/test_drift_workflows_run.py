"""Retraining and the assessment of drift, run by act: what a dispatch carries stays data."""

from __future__ import annotations

import pytest

from tests.unit.github.test_triage_workflows_run import INJECTION, run

pytestmark = pytest.mark.go

MODEL = "phishing_detector"


@pytest.fixture
def with_model(scratch):
    spec = scratch.clone / "model-source" / MODEL / "model.yaml"
    spec.parent.mkdir(parents=True)
    spec.write_text("name: phishing_detector\n")
    return scratch


def retrain(scratch, model: str):
    payload = {"model": model, "version": "4", "urgency": "P0", "request": "20261121-120000-1f2e3d4c"}
    return run(scratch, "ct", "repository_dispatch", {"action": "retrain", "client_payload": payload})


def test_a_retraining_passes_the_same_stages_as_a_push(with_model):
    done = retrain(with_model, MODEL)
    assert done.returncode == 0, done.stdout[-3000:]
    stages = [line.split()[0] for line in with_model.trace if not line.startswith(("setup", "process"))]
    assert stages == ["ct", "package", "image", "handoff"]


@pytest.mark.parametrize("model", [INJECTION, "../ct", "stranger", "", "phishing_detector\nx=1"])
def test_what_is_no_model_of_ours_is_not_trained(with_model, model):
    done = retrain(with_model, model)
    assert done.returncode != 0
    assert with_model.trace == []
    assert not list(with_model.folder.rglob("INJECTED"))


@pytest.mark.parametrize("wrapped", [True, False])
def test_a_dispatched_drift_event_is_assessed_and_never_run(scratch, wrapped):
    told = {"model": MODEL, "version": "4", "detector": INJECTION, "statistics": []}
    event = {"action": "drift", "client_payload": {"event": told} if wrapped else told}
    done = run(scratch, "drift-analysis", "repository_dispatch", event)
    assert done.returncode == 0, done.stdout[-2000:]
    assert "triage-drift --event" in scratch.trace
    assert (scratch.folder / "artifacts" / "report" / "report.json").exists()
    assert not list(scratch.folder.rglob("INJECTED"))
