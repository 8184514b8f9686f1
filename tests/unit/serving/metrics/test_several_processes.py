"""Forked workers count into one board, and die, and nothing is lost."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Iterator
from multiprocessing.process import BaseProcess

import numpy as np
import pytest
from prometheus_client.parser import text_string_to_metric_families

from serving.decision import Decision
from serving.metrics import Board, Layout, Metrics
from serving.observation import Observation, Phase, ProtocolName
from tests.unit.serving.metrics.reference import MANIFEST, RELEASE

LAYOUT = Layout.of(RELEASE, MANIFEST)
FORK = multiprocessing.get_context("fork")
LATENCY, REQUESTS = "homeostat_inference_latency_seconds", "homeostat_inference_requests_total"


class Scrape:
    """One page, as Prometheus reads it."""

    def __init__(self, metrics: Metrics) -> None:
        families = text_string_to_metric_families(metrics.exposition().decode())
        self._samples = [sample for family in families for sample in family.samples]

    def value(self, name: str, **labels: str) -> float:
        return sum(s.value for s in self._samples if s.name == name and labels.items() <= s.labels.items())


@pytest.fixture
def start() -> Iterator[Callable[..., BaseProcess]]:
    started: list[BaseProcess] = []

    def run(work: Callable[..., None], *arguments: object) -> BaseProcess:
        process = FORK.Process(target=work, args=arguments, daemon=True)
        process.start()
        started.append(process)
        return process

    yield run
    for process in started:
        process.kill()
        process.join()


def count_requests(board: Board, worker: int, requests: int) -> None:
    metrics = Metrics(LAYOUT, board, worker)
    decision = Decision(np.array([[0.25, 0.5, 0.25]]), np.array([1]), MANIFEST.classes)
    for _ in range(requests):
        observation = Observation(ProtocolName.V2)
        observation.phases[Phase.PREDICT] = 0.25
        metrics.answered(observation, 200)
        metrics.predicted(decision, {"age": 1})
        metrics.batched(1, 1, 0.0)


def count_for_ever(board: Board, worker: int) -> None:
    while True:
        count_requests(board, worker, 100)


def test_what_several_processes_count_at_once_adds_up_exactly(start: Callable[..., BaseProcess]):
    board = Board.create(LAYOUT, 4)
    reader = Metrics(LAYOUT, board)
    processes = [start(count_requests, board, worker, 2_000) for worker in range(4)]
    seen = [0.0]
    while any(process.is_alive() for process in processes):
        scrape = Scrape(reader)
        count = scrape.value(f"{LATENCY}_count")
        assert count == scrape.value(f"{LATENCY}_bucket", le="+Inf")
        assert count >= seen[-1], "a counter never goes back"
        seen.append(count)
    assert [process.exitcode for process in processes] == [0] * 4
    scrape = Scrape(reader)
    assert scrape.value(REQUESTS, protocol="v2", status="200") == 8_000
    assert scrape.value(f"{LATENCY}_count", protocol="v2") == 8_000
    assert scrape.value("homeostat_inference_phase_seconds_sum", phase="predict") == 2_000
    assert scrape.value("homeostat_prediction_confidence_bucket", le="0.4") == 0
    assert scrape.value("homeostat_prediction_confidence_bucket", le="0.5") == 8_000
    assert scrape.value("homeostat_predictions_total", predicted_class="1") == 8_000
    assert scrape.value("homeostat_input_out_of_range_total", feature="age") == 8_000
    assert scrape.value("homeostat_batch_rows_bucket", le="1.0") == 8_000


def test_a_successor_counts_on_where_a_killed_worker_stopped(start: Callable[..., BaseProcess]):
    board = Board.create(LAYOUT, 2)
    master = Metrics(LAYOUT, board, 1)
    victim = start(count_for_ever, board, 1)
    until = time.monotonic() + 60
    while Scrape(master).value(REQUESTS) < 500:
        assert time.monotonic() < until, "the worker counts nothing"
    assert victim.pid is not None
    os.kill(victim.pid, signal.SIGKILL)
    victim.join()
    counted = Scrape(master).value(REQUESTS)
    assert counted >= 500
    master.restarted()
    successor = start(count_requests, board, 1, 70)
    successor.join()
    scrape = Scrape(Metrics(LAYOUT, board, 0))
    assert scrape.value(REQUESTS) == counted + 70
    assert scrape.value("homeostat_worker_restarts_total") == 1


def test_memory_is_told_for_each_worker_and_forgotten_when_it_dies():
    board = Board.create(LAYOUT, 2)
    first, second = Metrics(LAYOUT, board, 0), Metrics(LAYOUT, board, 1)
    first.resident(10 * 1024**2)
    second.resident(20 * 1024**2)
    resident = "homeostat_worker_resident_bytes"
    assert Scrape(first).value(resident, worker="0") == 10 * 1024**2
    assert Scrape(first).value(resident, worker="1") == 20 * 1024**2
    second.restarted()
    assert Scrape(first).value(resident) == 10 * 1024**2
