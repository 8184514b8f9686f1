"""Who takes part in which cell, and with which environment."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.benchmarks.serving.contestants import (
    ALL,
    ECHO,
    FASTAPI,
    FASTAPI_ONNX,
    FASTAPI_OUR_ENGINE,
    FRAMEWORKS,
    OURS,
    OURS_ASKING,
    OURS_ONNX,
    OURS_TWO_WORKERS,
    Contestant,
)
from tests.benchmarks.serving.model_files import NATIVE, ONNX, Prepared
from tests.benchmarks.serving.plan import LINEAR, make_plan, open_cell, takes_part
from tests.benchmarks.serving.results import Cell


def asked(
    model: str = LINEAR, engine: str = NATIVE, connections: int = 8, rate: float | None = None
) -> set[str]:
    cell = Cell(model=model, engine=engine, wire="JSON", rows=1, connections=connections, rate=rate)
    return {one.name for one in ALL if takes_part(one, cell)}


def names(*servers: Contestant) -> set[str]:
    return {one.name for one in servers}


def test_the_floor_a_second_worker_and_other_engines_stand_beside_the_linear_model():
    compared = names(OURS, *FRAMEWORKS, FASTAPI)
    assert asked() == compared | names(ECHO, OURS_TWO_WORKERS, OURS_ASKING, FASTAPI_OUR_ENGINE)
    assert asked(model="XGBoost") == compared | names(ECHO)


def test_a_second_worker_has_nothing_to_do_at_one_connection():
    assert OURS_TWO_WORKERS.name not in asked(connections=1)


def test_equal_rates_are_offered_to_those_alone_that_are_compared():
    assert asked(rate=100) == names(OURS, *FRAMEWORKS, FASTAPI)


def test_onnx_meets_onnx():
    assert asked(engine=ONNX) == names(OURS_ONNX, FASTAPI_ONNX)


def test_every_server_is_told_the_same_of_threads_and_checks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    for name in ("OMP_NUM_THREADS", "SKLEARN_ASSUME_FINITE"):
        monkeypatch.setenv(name, "0")
    prepared = Prepared(tmp_path, tmp_path, tmp_path / "release.yaml", {}, {})
    for server in (OURS, ECHO):
        _, environment = server.launch(prepared, 1)
        assert (environment["OMP_NUM_THREADS"], environment["SKLEARN_ASSUME_FINITE"]) == ("1", "1")


def test_the_default_part_takes_about_twenty_minutes():
    plan = make_plan(full=False, rounds=3, seconds=2.0, warm_up_seconds=0.5)
    assert plan.estimated_seconds() / 60 == pytest.approx(20, abs=1)


def test_equal_rates_are_measured_longer_than_full_load():
    plan = make_plan(full=False, rounds=1, seconds=2.0, warm_up_seconds=0.5)
    assert (plan.seconds_of(open_cell()), plan.seconds_of(open_cell(100))) == (2.0, 10.0)
