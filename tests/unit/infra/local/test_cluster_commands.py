"""What a person or a script sees of ``homeostat cluster``, without a cluster."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from homeostat.errors import Refused
from infra.cluster.cli import app
from infra.cluster.lock import locked

ROOT = Path(__file__).parents[4]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> object:
    monkeypatch.setenv("HOMEOSTAT_ROOT", str(ROOT))
    monkeypatch.setenv("HOMEOSTAT_STATE", str(tmp_path))
    return lambda *arguments, **options: CliRunner().invoke(app, list(arguments), **options)


def test_a_cluster_that_does_not_run_is_told_how_to_start(run) -> None:
    shown = run("status")
    assert (shown.exit_code, "homeostat cluster up --provider local" in shown.output) == (1, True)


def test_status_for_a_machine_says_the_same(run) -> None:
    told = json.loads(run("status", "--json").output)
    assert (told["running"], told["healthy"]) == (False, False)
    assert any("Grafana" in sentence for sentence in told["left_out"])


def test_an_unknown_provider_is_refused_with_those_that_are_known(run) -> None:
    refused = run("up", "--provider", "clouds").exception
    assert isinstance(refused, Refused)
    assert (
        str(refused)
        == "--provider is 'clouds', which is no provider of clusters: choose one of local, proxmox."
    )


def test_nothing_is_removed_unless_the_word_is_typed(run, tmp_path: Path) -> None:
    (tmp_path / "cluster").mkdir()
    refused = run("down", input="yes\n")
    assert "This removes the cluster and its data" in refused.output
    assert isinstance(refused.exception, Refused)
    assert (tmp_path / "cluster").exists()


def test_two_commands_do_not_work_on_one_cluster_at_once(run, tmp_path: Path) -> None:
    with locked(tmp_path / "cluster.lock"):
        refused = run("stop").exception
    assert isinstance(refused, Refused)
    assert "another command works on this cluster" in str(refused)
