"""The whole story: push, predict, refuse, break, report, heal; the demo itself checks every chapter."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.conftest import ROOT, environment, processes_below

pytestmark = [pytest.mark.e2e, pytest.mark.packages, pytest.mark.timeout(900)]


def test_a_push_becomes_a_served_watched_and_diagnosed_model(state: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "homeostat", "demo", "run", "--json"],
        cwd=ROOT,
        env=environment(state),
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.returncode == 0, ran.stderr
    told = json.loads(ran.stdout)
    assert told["release"]["version"] == 1
    assert {gate["outcome"] for gate in told["release"]["gates"]} <= {"passed", "not_applicable"}
    assert "below the required" in told["refusal"]
    assert told["still_serving_version"] == 1
    assert told["p95_seconds"] > 0.5
    assert "model server" in told["causes"][0].lower()
    assert told["incident_status"] == "resolved"
    assert told["requests_failed"] == 0
    report = Path(told["report"]).read_text(encoding="utf-8")
    assert "esolved" in report
    assert re.search(r"slow_request", report), "the report cites the server's own log"
    assert processes_below(state) == []
