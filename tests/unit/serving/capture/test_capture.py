"""What is captured, and what it costs the requests when the sink is in trouble."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from itertools import cycle
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.capture.capture import NoCapture, SampledCapture, capture_from, ring_rows
from serving.capture.lines import parse_line
from serving.capture.segment_sink import Bounds, SegmentSink
from serving.capture.segments import read_captured, segments
from serving.decision import Decision
from serving.settings import read_settings
from tests.unit.serving.capture.parts import MANIFEST, Counted, answered, asked, await_that, capture_into

BOUNDS = Bounds(total_bytes=10_000_000)


class BrokenSink:
    """Fails as told: a disk that is full for a while."""

    def __init__(self, outcomes: list[bool]) -> None:
        self.lost_rows = 0
        self.kept: list[float] = []
        self._outcomes = iter(outcomes)

    def write(self, lines: bytes, rows: int) -> None:
        if not next(self._outcomes, True):
            raise OSError(28, "No space left on device")
        ages = [parse_line(line).features["age"] for line in lines.splitlines()]
        assert len(ages) == rows
        self.kept += [age for age in ages if age is not None]

    def settle(self) -> None: ...

    def close(self) -> None: ...


class StuckSink(BrokenSink):
    """A disk that does not answer until it is let go."""

    def __init__(self) -> None:
        super().__init__([])
        self.entered, self.released = threading.Event(), threading.Event()

    def write(self, lines: bytes, rows: int) -> None:
        self.entered.set()
        self.released.wait()
        super().write(lines, rows)


def test_what_was_offered_is_read_back_with_its_answer(tmp_path: Path):
    counted = Counted()
    capture = capture_into(SegmentSink(tmp_path, BOUNDS), counted)
    capture.start()
    capture.offer(asked(1, rows=2), answered(2), "4bf92f3577b34da6a3ce929d0e0e4736")
    capture.close(10)
    first, second = read_captured(tmp_path)
    assert first.features == {"age": 1.0, "visits": 2.0}
    assert second.features == {"age": 2.0, "visits": None}
    assert (first.model, first.version, first.label) == ("toy", "3", "leaves")
    assert first.probabilities == (0.25, 0.75)
    assert first.trace_id == "4bf92f3577b34da6a3ce929d0e0e4736"
    assert abs(datetime.now(UTC) - first.time) < timedelta(minutes=5)
    assert (counted.captured_rows, counted.dropped_rows) == (2, 0)


def test_private_columns_reach_no_file(tmp_path: Path):
    capture = capture_into(SegmentSink(tmp_path, BOUNDS), Counted())
    capture.start()
    for number in range(5):
        capture.offer(asked(number), answered(), None)
    capture.close(10)
    assert [set(row.features) for row in read_captured(tmp_path)] == [{"age", "visits"}] * 5


def test_the_sample_is_made_of_whole_requests(tmp_path: Path):
    chances = cycle([0.9, 0.05])
    capture = capture_into(SegmentSink(tmp_path, BOUNDS), Counted(), 1000, 0.1, lambda: next(chances))
    capture.start()
    for number in range(0, 40, 10):
        capture.offer(asked(number, rows=3), answered(3), None)
    capture.close(10)
    assert [row.features["age"] for row in read_captured(tmp_path)] == [10, 11, 12, 30, 31, 32]


def test_a_caller_may_reuse_its_arrays(tmp_path: Path):
    capture = capture_into(SegmentSink(tmp_path, BOUNDS), Counted())
    rows, decision = asked(1), answered()
    capture.offer(rows, decision, None)
    rows[:] = 99
    decision.probabilities[:] = 0
    capture.start()
    capture.close(10)
    (row,) = read_captured(tmp_path)
    assert (row.features["age"], row.probabilities) == (1.0, (0.25, 0.75))


def test_a_stuck_sink_costs_the_oldest_rows_and_no_request():
    sink, counted = StuckSink(), Counted()
    capture = capture_into(sink, counted, capacity_rows=10)
    capture.start()
    capture.offer(asked(0), answered(), None)
    assert sink.entered.wait(20)
    for number in range(1, 1001):  # returns although nobody takes anything
        capture.offer(asked(number), answered(), None)
    sink.released.set()
    capture.close(20)
    assert sink.kept == [0, *range(991, 1001)]
    assert counted.dropped_rows == 990


def test_draining_gives_up_on_a_stuck_sink():
    sink = StuckSink()
    capture = capture_into(sink, Counted())
    capture.start()
    capture.offer(asked(0), answered(), None)
    assert sink.entered.wait(20)
    capture.close(0.05)  # returns
    sink.released.set()


def test_nonsense_is_not_raised_into_the_request():
    capture = capture_into(BrokenSink([]), Counted())
    capture.offer("no rows", None, None)  # pyright: ignore[reportArgumentType] - that is the nonsense


def test_a_batch_that_can_not_be_written_is_counted_and_the_next_one_is_written():
    sink, counted = BrokenSink([]), Counted()
    capture = capture_into(sink, counted)
    capture.start()
    capture.offer(asked(0), Decision(np.array([[0.5, 0.5]]), np.array([7]), ("stays", "leaves")), None)
    await_that(lambda: counted.dropped_rows == 1)
    capture.offer(asked(1), answered(), None)
    capture.close(20)
    assert sink.kept == [1]
    assert counted.threads == {"capture"}


@given(
    requests=st.lists(st.integers(1, 12), max_size=40),
    capacity=st.integers(1, 30),
    outcomes=st.lists(st.booleans(), max_size=10),
    started_after=st.integers(0, 40),
)
def test_what_is_kept_is_what_was_offered_minus_the_counted_drops(
    requests: list[int], capacity: int, outcomes: list[bool], started_after: int
):
    sink, counted = BrokenSink(outcomes), Counted()
    capture = capture_into(sink, counted, capacity)
    offered: list[float] = []
    for number, rows in enumerate(requests):
        if number == started_after:
            capture.start()
        capture.offer(asked(len(offered), rows), answered(rows), None)
        offered += range(len(offered), len(offered) + rows)
    if started_after >= len(requests):
        capture.start()
    capture.close(20)
    assert sink.kept == sorted(set(sink.kept)), "doubled or out of order"
    assert set(sink.kept) <= set(offered)
    assert len(sink.kept) == counted.captured_rows
    assert counted.captured_rows + counted.dropped_rows == len(offered)


def test_one_thread_offers_while_another_writes(tmp_path: Path):
    counted = Counted()
    capture = capture_into(SegmentSink(tmp_path, BOUNDS), counted, capacity_rows=64)
    capture.start()
    for number in range(5000):
        capture.offer(asked(number), answered(), None)
    capture.close(20)
    ages = [row.features["age"] for row in read_captured(tmp_path)]
    assert ages == sorted(set(ages), key=float)
    assert len(ages) == counted.captured_rows
    assert counted.captured_rows + counted.dropped_rows == 5000


def test_without_a_directory_nothing_is_captured():
    capture = capture_from(read_settings({}), MANIFEST, "3", Counted())
    assert isinstance(capture, NoCapture)
    capture.start()
    capture.offer(asked(1), answered(), None)
    capture.close(0)


def test_the_environment_says_where_and_how_much(tmp_path: Path):
    settings = read_settings(
        {
            "HOMEOSTAT_SERVING_CAPTURE_DIRECTORY": str(tmp_path / "deep" / "captured"),
            "HOMEOSTAT_SERVING_CAPTURE_FRACTION": "1",
        }
    )
    capture = capture_from(settings, MANIFEST, "3", Counted())
    assert isinstance(capture, SampledCapture)
    capture.start()
    capture.offer(asked(1), answered(), None)
    capture.close(20)
    assert len(list(read_captured(tmp_path / "deep" / "captured"))) == 1


def test_no_directory_reads_as_nothing(tmp_path: Path):
    assert segments(tmp_path / "absent") == []


def test_wide_models_get_fewer_rows_for_the_same_memory():
    wide = MANIFEST.features[0].model_copy
    features = tuple(wide(update={"name": f"f{number}"}) for number in range(2000))
    assert ring_rows(MANIFEST.model_copy(update={"features": features})) * 2000 * 8 < 16 * 1024 * 1024
    assert ring_rows(MANIFEST) > 20_000


@pytest.mark.parametrize("line", [b"{}", b"[]", b"not json", b'{"time": 7}'])
def test_a_line_of_somebody_else_is_refused(line: bytes):
    with pytest.raises(ValueError, match=r"captured row|JSON|unexpected|expected"):
        parse_line(line)
