"""The fault switch: one file for one served model, whole or not there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from homeostat.errors import Refused
from infra.process import faults
from infra.process.status import PlatformPhase, PlatformStatus, ServiceStatus, now


@pytest.fixture
def platform(tmp_path: Path) -> PlatformStatus:
    return PlatformStatus(
        phase=PlatformPhase.RUNNING,
        since=now(),
        pid=1,
        started_ticks=0,
        root=tmp_path,
        state=tmp_path,
        forge=tmp_path,
        services=(ServiceStatus(name="model-iris", since=now()), ServiceStatus(name="mlflow", since=now())),
    )


def test_a_fault_is_set_where_its_server_looks_and_cleared_again(platform: PlatformStatus) -> None:
    path = faults.slow(platform, "iris", 0.8)
    assert path == platform.state / "services" / "model-iris" / "faults.json"
    assert json.loads(path.read_text()) == {"predict_delay_seconds": 0.8}
    assert faults.clear(platform, "iris")
    assert not path.exists()


def test_clearing_twice_changes_nothing_and_says_so(platform: PlatformStatus) -> None:
    assert not faults.clear(platform, "iris")


@pytest.mark.parametrize("model", ["mlflow", "irsi", "../mlflow"])
def test_only_a_served_model_can_be_broken(platform: PlatformStatus, model: str) -> None:
    with pytest.raises(Refused, match="served are: iris"):
        faults.slow(platform, model, 0.8)


@pytest.mark.parametrize("seconds", [0, -1, 61, float("nan")])
def test_a_delay_out_of_range_is_refused(platform: PlatformStatus, seconds: float) -> None:
    with pytest.raises(Refused, match="above 0 and at most 60"):
        faults.slow(platform, "iris", seconds)
