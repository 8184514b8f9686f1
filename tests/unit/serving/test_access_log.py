"""Which requests are logged, and what is said of them."""

from __future__ import annotations

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.sdk.trace.sampling import TraceIdRatioBased
from structlog.testing import capture_logs

from serving.access_log import AccessLog
from serving.observation import Observation, Phase, ProtocolName
from tests.unit.serving.metrics.reference import RELEASE

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
LATE = 1000.0


@pytest.fixture(autouse=True)
def plain_structlog():
    """Loggers as they are before anything configures them, so that they can be listened to."""
    before = structlog.get_config()
    structlog.reset_defaults()
    yield
    structlog.configure(**before)


def logged(fraction: float, status: int, *, late: bool = False, **more: object) -> list[dict]:
    observation = Observation(ProtocolName.V2)
    observation.phases[Phase.PREDICT] = 0.0123456789
    if late:
        observation.began -= LATE
    with capture_logs() as lines:
        AccessLog(RELEASE, fraction, slow_seconds=LATE / 2).answered(observation, status, **more)
    return lines


def test_a_line_tells_what_was_asked_and_how_it_went():
    (line,) = logged(1.0, 200, rows=7, trace_id=TRACE, request_id="mine")
    assert line.pop("duration_seconds") >= 0
    assert line == {
        "event": "request",
        "log_level": "info",
        "model": "toy",
        "version": "3",
        "protocol": "v2",
        "status": 200,
        "rows": 7,
        "phases": {"predict": 0.012346},
        "trace_id": TRACE,
        "request_id": "mine",
    }


@pytest.mark.parametrize("trace_id", [None, TRACE])
def test_a_good_request_is_not_logged_when_none_should_be(trace_id: str | None):
    assert logged(0.0, 200, trace_id=trace_id) == []


@pytest.mark.parametrize("status", [400, 404, 499, 500, 503])
def test_a_failed_request_is_always_logged(status: int):
    assert [line["status"] for line in logged(0.0, status)] == [status]


def test_a_slow_request_is_always_logged():
    (line,) = logged(0.0, 200, late=True)
    assert line["duration_seconds"] >= LATE


def test_a_clients_id_is_cut_when_it_is_long():
    (line,) = logged(1.0, 200, request_id="x" * 10_000)
    assert line["request_id"] == "x" * 128


def test_about_the_fraction_of_requests_without_a_trace_is_logged():
    kept = sum(len(logged(0.5, 200)) for _ in range(400))
    # ten standard deviations on either side
    assert 100 < kept < 300


@given(st.integers(1, 2**128 - 1), st.floats(0, 1))
def test_the_traces_that_are_logged_are_those_that_opentelemetry_samples(trace: int, fraction: float):
    decision = TraceIdRatioBased(fraction).should_sample(None, trace, "span").decision
    assert len(logged(fraction, 200, trace_id=f"{trace:032x}")) == int(decision.is_sampled())
