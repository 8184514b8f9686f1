"""What the serving benchmark makes of measurements: medians, ratios, and what may not count."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from tests.benchmarks.serving.contestants import (
    BENTOML,
    ECHO,
    FASTAPI,
    FASTAPI_ONNX,
    FASTAPI_OUR_ENGINE,
    KSERVE,
    MLFLOW,
    OURS,
    OURS_ONNX,
    Contestant,
)
from tests.benchmarks.serving.model_files import NATIVE, ONNX
from tests.benchmarks.serving.plan import LINEAR, open_cell
from tests.benchmarks.serving.report import page
from tests.benchmarks.serving.results import Cell, ClientCheck, Machine, Results, Sample, read_results
from tests.benchmarks.serving.summary import Spread, summarise
from tests.benchmarks.serving.targets import Target, judge


def cell(connections: int, engine: str = NATIVE) -> Cell:
    return Cell(model=LINEAR, engine=engine, wire="JSON", rows=1, connections=connections)


def samples(server: Contestant, where: Cell, rates: Sequence[float], p99: float = 0.01) -> list[Sample]:
    return [
        Sample(
            server=server.name,
            round=number,
            cell=where,
            requests=round(rate * 2),
            requests_per_second=rate,
            p50_seconds=p99 / 2,
            p99_seconds=p99,
            cpu_seconds_per_request=1 / rate,
            memory_bytes=100 << 20,
            client_cpu=0.25,
            errors={},
        )
        for number, rate in enumerate(rates, 1)
    ]


def target(found: Sequence[Target], *words: str) -> Target:
    (one,) = [one for one in found if all(word in one.what for word in words)]
    return one


def test_a_figure_over_rounds_is_the_median_with_its_extremes():
    assert Spread.over([5.0, 1.0, 3.0]) == Spread(3.0, 1.0, 5.0)
    assert Spread.over([0.0012, 0.001, 0.004]).shown(1e3, 2) == "1.20 (1.00-4.00)"
    assert Spread.over([7.0]).shown() == "7"


def test_a_round_with_errors_counts_for_nothing():
    good, bad = samples(OURS, cell(8), [100.0, 900.0])
    voided = bad.model_copy(update={"errors": {"503": 2}})
    assert summarise([good, voided])[OURS.name, cell(8)].requests_per_second == Spread(100.0, 100.0, 100.0)
    assert summarise([voided]) == {}


def test_a_figure_of_fewer_rounds_says_so_wherever_it_stands():
    ours = samples(OURS, cell(8), [100.0, 300.0, 900.0])
    ours[2] = ours[2].model_copy(update={"errors": {"503": 2}})
    measured = [*ours, *samples(FASTAPI, cell(8), [50.0, 50.0, 50.0])]
    assert summarise(measured)[OURS.name, cell(8)].note == "2 of 3 rounds"
    assert summarise(measured)[FASTAPI.name, cell(8)].note == ""
    text = page(results(measured), "plot.svg")
    assert "| homeostat (2 of 3 rounds) | 200 (100-300) |" in text
    assert "| FastAPI (homeostat: 2 of 3 rounds) |" in text


def test_framework_and_engine_are_told_apart():
    measured = [
        *samples(OURS, cell(8), [1_200.0]),
        *samples(FASTAPI, cell(8), [300.0]),
        *samples(FASTAPI_OUR_ENGINE, cell(8), [400.0]),
    ]
    text = page(results(measured), "plot.svg")
    assert (
        "| the framework, both with our native engine | homeostat | FastAPI, our native engine |  | 3.00 |  |"
        in text
    )
    assert (
        "| the framework, both asking predict_proba | homeostat, predict_proba | FastAPI |  |  |  |" in text
    )


def test_the_best_framework_is_the_one_to_beat():
    measured = [
        *samples(OURS, cell(8), [1_000, 1_200, 1_100]),
        *samples(KSERVE, cell(8), [200, 250, 100]),
        *samples(MLFLOW, cell(8), [150, 150, 150]),
    ]
    found = target(judge(summarise(measured)), "best framework", "8 connections")
    # 1100 over 200, where 5 is wanted: a tenth better
    assert (found.ratio, found.against, found.reached) == (5.5, KSERVE.name, True)
    assert found.margin == pytest.approx(0.1)


def test_a_missed_target_says_by_how_much():
    measured = samples(OURS, cell(1), [200.0]) + samples(ECHO, cell(1), [1_000.0])
    found = target(judge(summarise(measured)), "echo", "1 connection")
    # a fifth where a quarter is wanted
    assert (found.ratio, found.reached) == (0.2, False)
    assert found.margin == pytest.approx(-0.2)


def test_latencies_are_compared_at_every_rate_that_a_framework_could_answer():
    measured = [
        *samples(OURS, open_cell(100), [100.0], p99=0.002),
        *samples(OURS, open_cell(900), [900.0], p99=0.003),
        *samples(BENTOML, open_cell(100), [100.0], p99=0.004),
        *samples(KSERVE, open_cell(100), [100.0], p99=0.005),
        *samples(FASTAPI, open_cell(900), [900.0], p99=0.003),
    ]
    found = [one for one in judge(summarise(measured)) if one.at_most]
    assert [(one.ratio, one.against, one.reached) for one in found] == [(0.5, BENTOML.name, True)]


def test_onnx_is_compared_with_onnx():
    measured = [
        *samples(OURS_ONNX, cell(8, ONNX), [4_000.0]),
        *samples(FASTAPI_ONNX, cell(8, ONNX), [2_000.0]),
        *samples(FASTAPI, cell(8), [1_000.0]),
    ]
    found = target(judge(summarise(measured)), "ONNX", "8 connections")
    assert (found.ratio, found.reached) == (2.0, False)


def test_what_was_not_measured_is_neither_reached_nor_missed():
    assert {one.reached for one in judge({})} == {None}


def results(measured: Sequence[Sample]) -> Results:
    return Results(
        began=datetime(2026, 1, 2, tzinfo=UTC),
        took_seconds=600,
        command="python -m x run",
        commit="abc",
        machine=Machine(
            processor="A {processor}",
            cores=2,
            memory_bytes=8 << 30,
            system="Linux 1",
            python="3.11",
            client_core=0,
            server_core=1,
            cores_relation="cores of their own",
            load_before=0.1,
        ),
        versions={"kserve": "1"},
        rounds=3,
        warm_up_seconds=1,
        seconds=2,
        open_seconds=10,
        features=10,
        absent={"MLServer: XGBoost": "it ended by itself: no module"},
        client_checks=(ClientCheck(tool="oha 1", requests_per_second=24_000, client_cpu=0.9),),
        samples=tuple(measured),
    )


def test_the_page_has_a_row_for_each_server_and_names_what_was_left_out():
    voided = samples(MLFLOW, cell(1), [5.0])[0].model_copy(update={"errors": {"500": 3}})
    text = page(results([*samples(OURS, cell(1), [100, 300, 200]), voided]), "plot.svg")
    assert "| homeostat | 200 (100-300) | 5.00 | 10.00 | 200 | 5.000 (3.333-10.000) | 100 |" in text
    assert "- MLServer: XGBoost: it ended by itself: no module" in text
    assert "round 1: void, since there was 3 x 500" in text
    assert f"| {MLFLOW.name} |" not in text


def test_results_are_read_as_they_were_written(tmp_path):
    written = results(samples(OURS, open_cell(50), [50.0]))
    written.write(tmp_path / "results.json")
    assert read_results(tmp_path / "results.json") == written
