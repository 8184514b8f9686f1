from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from alerting.cli import app
from alerting.rules_file import load_rules
from tests.programs import ROOT, find


@pytest.fixture
def run(monkeypatch):
    monkeypatch.setenv("HOMEOSTAT_ROOT", str(ROOT))
    return lambda *arguments: CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_what_is_rendered_in_a_hurry_has_shorter_windows(run, tmp_path):
    ran = run("render", "--divisor", 30, "--out", tmp_path)
    assert ran.exit_code == 0, ran.output
    assert [Path(line).name for line in ran.output.split()] == ["prometheus.yml", "alertmanager.yml"]
    rules = load_rules(tmp_path / "rules" / "ModelInferenceLatencyHigh.yaml")
    assert [rule.wait for rule in rules.alerts] == ["10s"]
    assert "[10s]" in rules.groups[0].rules[0].expr


def test_a_divisor_that_would_slow_the_rules_is_a_usage_error(run, tmp_path):
    assert run("render", "--divisor", 0.5, "--out", tmp_path).exit_code == 2


@pytest.mark.packages
@pytest.mark.parametrize("command", ["check", "test"])
def test_the_checkers_in_use_are_named_with_their_source(run, monkeypatch, command):
    find("deb", "promtool")
    monkeypatch.setenv("HOMEOSTAT_STATE", str(ROOT / ".homeostat" / "test-programs"))
    ran = run(command)
    assert ran.exit_code == 0, ran.output
    for program in ("promtool", "amtool"):
        assert f"{program} " in ran.output
    assert " from " in ran.output
