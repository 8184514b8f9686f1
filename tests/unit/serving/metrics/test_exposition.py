"""The page itself, and the set of its series."""

from __future__ import annotations

import subprocess

import pytest
from prometheus_client.parser import text_string_to_metric_families

from serving.metrics import Board, Layout, Metrics, Refusal
from serving.metrics.families import families_of
from serving.observation import Observation, ProtocolName
from tests.programs import BUILD_SECONDS, find
from tests.unit.serving.metrics.reference import MANIFEST, RELEASE

LAYOUT = Layout.of(RELEASE, MANIFEST)


def new() -> Metrics:
    return Metrics(LAYOUT, Board.create(LAYOUT, 2))


def lines(metrics: Metrics) -> list[str]:
    return metrics.exposition().decode().splitlines()


def test_series_that_rates_need_are_there_before_the_first_event():
    page = lines(new())
    served = 'model="toy",{}version="3"'
    for protocol in ("v1", "v2"):
        labels = served.format(f'protocol="{protocol}",status="200",')
        assert f"homeostat_inference_requests_total{{{labels}}} 0.0" in page
    for reason in ("deadline", "left", "overloaded"):
        labels = served.format(f'reason="{reason}",')
        assert f"homeostat_requests_refused_total{{{labels}}} 0.0" in page
    assert "homeostat_worker_restarts_total 0.0" in page


@pytest.mark.parametrize(("status", "label"), [(418, "418"), (299, "other"), (0, "other"), (999, "other")])
def test_a_status_that_http_does_not_name_is_counted_as_other(status: int, label: str):
    metrics = new()
    metrics.answered(Observation(ProtocolName.V1), status)
    labels = f'model="toy",protocol="v1",status="{label}",version="3"'
    assert f"homeostat_inference_requests_total{{{labels}}} 1.0" in lines(metrics)


def test_no_two_series_share_a_number():
    taken: set[int] = set()
    for family, series in LAYOUT.series.values():
        width = {"counter": 1, "worker gauge": 1, "fact": 0, "histogram": len(family.bounds) + 2}
        for one in series.values():
            slots = set(range(one.slot, one.slot + width[family.kind.value]))
            assert not slots & taken
            taken |= slots
    assert taken == set(range(LAYOUT.slots))


def test_every_family_has_its_series_once():
    for family in families_of(RELEASE, MANIFEST):
        every = [*family.from_start, *family.later]
        assert len(set(every)) == len(every)


def test_a_row_that_does_not_exist_is_refused():
    with pytest.raises(IndexError, match="There is no worker 2: the board has 2 rows"):
        Board.create(LAYOUT, 2).row(2)


def test_the_board_sums_its_rows():
    board = Board.create(LAYOUT, 3)
    for worker in range(3):
        board.row(worker)[7] = 10.0**worker
    assert board.total()[7] == 111
    assert board.total().sum() == 111


def test_a_page_without_events_has_every_family():
    found = {family.name for family in text_string_to_metric_families(new().exposition().decode())}
    assert {family.name for family in families_of(RELEASE, MANIFEST)} <= found


@pytest.mark.go
@pytest.mark.timeout(BUILD_SECONDS)
@pytest.mark.parametrize("source", ["deb", "go"])
def test_promtool_accepts_the_page(source: str):
    metrics = new()
    metrics.answered(Observation(ProtocolName.V1), 503)
    metrics.refused(Refusal.OVERLOADED)
    metrics.restarted()
    command = [find(source, "promtool"), "check", "metrics"]
    ran = subprocess.run(command, input=metrics.exposition(), capture_output=True, check=False)
    # it also has opinions on names, which are those that rules and dashboards know
    assert b"error while linting" not in ran.stderr
    assert ran.returncode in (0, 3), ran.stderr.decode()
