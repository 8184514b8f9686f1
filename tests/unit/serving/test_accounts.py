"""What is said of failed requests, however many there are."""

from __future__ import annotations

from typing import Any

import pytest
import structlog
from structlog.testing import capture_logs

from serving.accounts import Accounts
from serving.allowance import Allowance
from serving.metrics import Board, Layout, Metrics
from serving.observation import Observation, ProtocolName
from tests.unit.serving.small_app import MANIFEST, RELEASE


@pytest.fixture(autouse=True)
def plain_structlog():
    """Loggers as they are before anything configures them, so that they can be listened to."""
    before = structlog.get_config()
    structlog.reset_defaults()
    yield
    structlog.configure(**before)


class Flood:
    """Accounts whose clock stands still, and what they said."""

    def __init__(self) -> None:
        layout = Layout.of(RELEASE, MANIFEST)
        self.now = 0.0
        self.metrics = Metrics(layout, Board.create(layout, workers=1))
        self.accounts = Accounts(RELEASE, self.metrics, 0.0, Allowance(100, lambda: self.now))

    def fail(self, times: int, status: int) -> list[Any]:
        with capture_logs() as lines:
            for _ in range(times):
                self.accounts.failed(Observation(ProtocolName.V1), status, "Why.")
        return lines


def test_a_failed_request_is_a_warning_that_says_why_and_a_line_of_its_own():
    failed, request = Flood().fail(1, 400)
    assert failed == {
        "event": "request_failed",
        "log_level": "warning",
        "model": "toy",
        "version": "3",
        "protocol": "v1",
        "status": 400,
        "error": "Why.",
    }
    assert (request["event"], request["log_level"], request["status"]) == ("request", "info", 400)


@pytest.mark.parametrize("status", [400, 404, 499])
def test_of_clients_mistakes_a_hundred_a_second_are_logged_and_all_are_counted(status: int):
    flood = Flood()
    lines = flood.fail(1000, status)
    assert [line["event"] for line in lines] == ["request_failed", "request"] * 100
    assert f'protocol="v1",status="{status}",version="3"}} 1000'.encode() in flood.metrics.exposition()


def test_strays_are_mistakes_as_well():
    flood = Flood()
    flood.fail(100, 400)
    with capture_logs() as lines:
        flood.accounts.strayed(ProtocolName.V2, 404, "No.")
    assert lines == []


@pytest.mark.parametrize("status", [500, 503, 504])
def test_the_servers_failures_are_always_logged(status: int):
    flood = Flood()
    flood.fail(1000, 400)
    assert len(flood.fail(1000, status)) == 2000


def test_how_many_were_left_out_is_said_once_when_their_second_is_over():
    flood = Flood()
    flood.fail(1000, 400)
    flood.now = 1.0
    with capture_logs() as lines:
        flood.accounts.answered(Observation(ProtocolName.V1), 200)
        flood.accounts.answered(Observation(ProtocolName.V1), 200)
    (told,) = lines
    assert (told["event"], told["log_level"], told["requests"]) == (
        "failed_requests_not_logged",
        "warning",
        900,
    )
    assert len(flood.fail(1000, 400)) == 200
