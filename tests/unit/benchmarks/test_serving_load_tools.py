"""How the load tools' reports are read."""

from __future__ import annotations

import math
from typing import Any

import pytest

from tests.benchmarks.serving.environments import NotToBeHad
from tests.benchmarks.serving.oha import read_report
from tests.benchmarks.serving.wrk import read_result


def report(statuses: dict[str, int], errors: dict[str, int], p99: float | None = 0.02) -> dict[str, Any]:
    return {
        "summary": {"total": 2.0},
        "statusCodeDistribution": statuses,
        "errorDistribution": errors,
        "latencyPercentiles": {"p50": 0.01, "p99": p99},
    }


def test_requests_cut_off_at_the_end_are_no_errors():
    seen = read_report(report({"200": 500}, {"aborted due to deadline": 8}), 1.0)
    assert (seen.requests_per_second, seen.p99_seconds, seen.errors, seen.client_cpu) == (250, 0.02, {}, 0.5)


def test_every_other_status_and_failure_is_an_error_and_no_answer():
    seen = read_report(report({"200": 10, "503": 2}, {"connection closed": 1}), 1.0)
    assert seen.requests == 10
    assert seen.errors == {"503": 2, "connection closed": 1}


def test_nothing_answered_has_no_latency():
    assert math.isnan(read_report(report({}, {"refused": 4}, p99=None), 1.0).p99_seconds)


def test_wrks_own_line_is_found_among_its_words():
    seen = read_result("Running\nRESULT 1000 2000000 1500 9000 0 0\n", 0.4)
    assert (seen.requests_per_second, seen.p50_seconds, seen.p99_seconds) == (500, 0.0015, 0.009)
    assert (seen.errors, seen.client_cpu) == ({}, 0.2)


def test_wrks_wrong_answers_are_taken_off_and_named():
    seen = read_result("RESULT 1000 2000000 1500 9000 10 2\n", 0.4)
    assert (seen.requests, seen.errors) == (990, {"no 2xx": 10, "connection": 2})


def test_wrk_without_a_result_is_a_reason_and_no_zero():
    with pytest.raises(NotToBeHad, match="unable to connect"):
        read_result("unable to connect to 127.0.0.1", 0.0)
