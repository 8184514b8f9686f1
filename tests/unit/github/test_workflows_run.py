"""The workflow files themselves, run on this machine: order, failure, and what travels between jobs."""

from __future__ import annotations

import json

import pytest

pytestmark = pytest.mark.go


def test_a_push_to_main_goes_all_the_way_in_order(scratch):
    done = scratch.run()
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr
    steps = [line.split()[0] for line in scratch.trace if not line.startswith(("setup", "process"))]
    assert sorted(steps[:4]) == ["check", "test", "test", "test"]
    assert steps[4:] == ["ct", "package", "image", "handoff"]


def test_the_scanners_are_required(scratch):
    assert scratch.run().returncode == 0
    assert "check 1" in scratch.trace
    assert scratch.trace.index("process-program gitleaks") < scratch.trace.index("check 1")


@pytest.mark.parametrize(
    ("target", "never_run"),
    [
        ("check", {"ct", "package", "image", "handoff"}),
        ("test", {"ct", "package", "image", "handoff"}),
        ("ct", {"package", "image", "handoff"}),
        ("package", {"image", "handoff"}),
        ("image", {"handoff"}),
        ("handoff", set()),
    ],
)
def test_what_fails_stops_all_that_comes_after_it(scratch, target, never_run):
    scratch.let_fail(target)
    assert scratch.run().returncode != 0
    assert target in scratch.targets
    assert scratch.targets.isdisjoint(never_run)


def test_the_results_of_a_refused_training_are_kept(scratch):
    scratch.let_fail("ct")
    scratch.run()
    assert (scratch.folder / "artifacts" / "ct-results").is_dir()


def test_a_pull_request_is_checked_and_changes_nothing(scratch):
    event = scratch.folder / "event.json"
    event.write_text(json.dumps({"pull_request": {"head": {"ref": "topic"}, "base": {"ref": "main"}}}))
    done = scratch.run("pull_request", "--eventpath", str(event))
    assert done.returncode == 0, done.stdout[-4000:]
    assert scratch.targets == {"check", "test", "process-program"}


def test_without_a_server_for_its_runs_nothing_is_delivered_and_that_is_said(scratch):
    done = scratch.run(mlflow="")
    assert done.returncode == 0, done.stdout[-4000:]
    assert scratch.targets == {"check", "test", "process-program"}
    assert "Nothing is delivered" in done.stdout
