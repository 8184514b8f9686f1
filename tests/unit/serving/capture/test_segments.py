"""Files that outlive their writers: bounded, whole, and shared by several workers."""

from __future__ import annotations

import gzip
import os
import resource
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from serving.capture.segment_sink import Bounds, SegmentSink
from serving.capture.segments import OPEN_SUFFIX, read_captured, segments
from tests.unit.serving.capture.parts import Counted, answered, asked, await_that, capture_into

ROOT = Path(__file__).parents[4]
BOUNDS = Bounds(total_bytes=10_000_000)
LINE = (
    b'{"time":"2026-01-02T03:04:05+00:00","model":"toy","version":"3","trace_id":null,"features":{"age":%d},'
    b'"label":"stays","probabilities":[0.5,0.5]}\n'
)

#: captures rows one after the other until somebody kills it
WORKER = """
import sys
from pathlib import Path
from serving.capture.segment_sink import Bounds, SegmentSink
from tests.unit.serving.capture.parts import Counted, answered, asked, capture_into
counted = Counted()
capture = capture_into(SegmentSink(Path(sys.argv[1]), Bounds(total_bytes=10_000_000)), counted)
capture.start()
number = 0
while True:
    if number < int(sys.argv[2]):
        capture.offer(asked(number), answered(), None)
        number += 1
    print(counted.captured_rows, file=sys.stderr, flush=True)  # the log has the other stream
"""


def start_worker(directory: Path, rows: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WORKER, str(directory), str(rows)]
    return subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)


def await_rows(worker: subprocess.Popen[str], rows: int) -> None:
    assert worker.stderr is not None
    assert any(int(line) >= rows for line in worker.stderr)


def kill(worker: subprocess.Popen[str]) -> None:
    worker.send_signal(signal.SIGKILL)
    worker.communicate()


def ages(directory: Path) -> list[float | None]:
    return [row.features["age"] for row in read_captured(directory)]


def test_names_sort_by_time_and_carry_the_process(tmp_path: Path):
    sink = SegmentSink(tmp_path, BOUNDS)
    for number in range(3):
        sink.write(LINE % number, 1)
        sink.close()
    assert ages(tmp_path) == [0, 1, 2]
    assert all(path.name.split("-")[1] == str(os.getpid()) for path in segments(tmp_path))


def test_a_segment_appears_when_it_is_whole(tmp_path: Path):
    sink = SegmentSink(tmp_path, BOUNDS)
    sink.write(LINE % 1, 1)
    sink.settle()
    assert segments(tmp_path) == []
    sink.close()
    assert ages(tmp_path) == [1]
    assert list(tmp_path.glob(f"*{OPEN_SUFFIX}")) == []


def test_a_segment_is_closed_when_it_is_old(tmp_path: Path):
    sink = SegmentSink(tmp_path, Bounds(total_bytes=10_000_000, age_seconds=0.0))
    sink.write(LINE % 1, 1)
    sink.settle()
    assert ages(tmp_path) == [1]


def test_all_segments_together_are_bounded_and_the_newest_stay(tmp_path: Path):
    sink = SegmentSink(tmp_path, Bounds(total_bytes=20_000))
    for number in range(1000):
        sink.write(LINE % number, 1)
    sink.close()
    found = ages(tmp_path)
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) <= 20_000
    assert 50 < len(found) < 1000
    assert found == list(range(1000 - len(found), 1000))


def test_a_killed_worker_leaves_what_it_had_written(tmp_path: Path):
    worker = start_worker(tmp_path, rows=50)
    await_rows(worker, 50)
    kill(worker)
    (left,) = tmp_path.iterdir()
    with left.open("ab") as stream:  # and died in the middle of a write
        stream.write(gzip.compress(LINE % 99)[:-5])
    successor = SegmentSink(tmp_path, BOUNDS)
    successor.settle()
    assert ages(tmp_path) == list(range(50))
    assert [path.name for path in tmp_path.iterdir()] == [left.name.removesuffix(OPEN_SUFFIX)]


def test_a_living_worker_keeps_its_segment(tmp_path: Path):
    worker = start_worker(tmp_path, rows=5)
    await_rows(worker, 5)
    SegmentSink(tmp_path, BOUNDS).settle()
    assert [path.name.endswith(OPEN_SUFFIX) for path in tmp_path.iterdir()] == [True]
    kill(worker)
    SegmentSink(tmp_path, BOUNDS).settle()
    assert ages(tmp_path) == list(range(5))


def test_a_leftover_without_a_whole_line_is_removed(tmp_path: Path):
    (tmp_path / f"20260102T030405.000006Z-1-1.jsonl.gz{OPEN_SUFFIX}").write_bytes(b"\x1f\x8b\x08")
    SegmentSink(tmp_path, BOUNDS).settle()
    assert list(tmp_path.iterdir()) == []


def test_workers_share_a_directory(tmp_path: Path):
    workers = [start_worker(tmp_path, rows=30) for _ in range(3)]
    for worker in workers:
        await_rows(worker, 30)
    for worker in workers:
        kill(worker)
    SegmentSink(tmp_path, BOUNDS).settle()
    assert sorted(ages(tmp_path), key=lambda age: age or 0) == sorted(list(range(30)) * 3)


def test_a_file_that_may_not_grow_loses_no_line(tmp_path: Path):
    """The system takes a part of a write and fails at the rest, as it does when a disk becomes full."""
    script = f"""
import resource, sys
from pathlib import Path
from serving.capture.segment_sink import Bounds, SegmentSink
from tests.unit.serving.capture.test_segments import LINE
resource.setrlimit(resource.RLIMIT_FSIZE, (3000, resource.RLIM_INFINITY))
sink = SegmentSink(Path({str(tmp_path)!r}), Bounds(total_bytes=10_000_000))
failures = 0
for number in range(100):
    try:
        sink.write(LINE % number, 1)
    except OSError:
        failures += 1
        sink.write(LINE % number, 1)
sink.close()
print(failures)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    assert int(done.stdout) > 2
    assert ages(tmp_path) == list(range(100))
    assert all(path.stat().st_size <= 3000 for path in segments(tmp_path))


def test_a_full_disk_drops_the_oldest_and_is_forgiven(tmp_path: Path):
    script = f"""
import resource, sys
from pathlib import Path
from serving.capture.segment_sink import Bounds, SegmentSink
from tests.unit.serving.capture.parts import Counted, answered, asked, await_that, capture_into
resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
counted = Counted()
sink = SegmentSink(Path({str(tmp_path)!r}), Bounds(total_bytes=10_000_000))
capture = capture_into(sink, counted, capacity_rows=20)
capture.start()
for number in range(500):
    capture.offer(asked(number), answered(), None)
await_that(lambda: counted.dropped_rows > 0)
assert counted.captured_rows == 0
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
await_that(lambda: counted.captured_rows > 0)
capture.close(20)
assert counted.captured_rows + counted.dropped_rows == 500
print(counted.captured_rows)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=90, check=False
    )
    assert done.returncode == 0, done.stderr
    found = ages(tmp_path)
    assert len(found) == int(done.stdout.splitlines()[-1])
    assert found[-1] == 499, "the newest stay"
    assert len(segments(tmp_path)) == len(list(tmp_path.iterdir()))


def test_a_directory_that_is_a_file_stops_no_request_and_is_counted(tmp_path: Path):
    place = tmp_path / "captured"
    place.write_text("in the way")
    counted = Counted()
    capture = capture_into(SegmentSink(place, BOUNDS), counted)
    capture.start()
    capture.offer(asked(1), answered(), None)
    capture.close(20)
    assert (counted.captured_rows, counted.dropped_rows) == (0, 1)


def test_a_directory_that_somebody_removes_is_counted_and_made_again(tmp_path: Path):
    place, counted = tmp_path / "captured", Counted()
    capture = capture_into(SegmentSink(place, Bounds(10_000_000, age_seconds=0.2)), counted)
    capture.start()
    capture.offer(asked(1), answered(), None)
    await_that(lambda: counted.captured_rows == 1)
    shutil.rmtree(place)
    await_that(lambda: counted.dropped_rows == 1)
    capture.offer(asked(2), answered(), None)
    capture.close(20)
    assert ages(place) == [2]


def test_a_damaged_segment_is_read_up_to_its_damage(tmp_path: Path):
    sink = SegmentSink(tmp_path, BOUNDS)
    for number in range(3):
        sink.write(LINE % number, 1)
        sink.close()
    first, middle, _ = segments(tmp_path)
    middle.write_bytes(first.read_bytes() + middle.read_bytes()[:-4])
    assert ages(tmp_path) == [0, 0, 2]


def test_a_process_out_of_files_keeps_its_lines_until_there_are_some(tmp_path: Path):
    sink = SegmentSink(tmp_path, BOUNDS)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, hard))
    try:
        with pytest.raises(OSError, match="Too many open files"):
            sink.write(LINE % 1, 1)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    sink.write(LINE % 1, 1)
    sink.close()
    assert ages(tmp_path) == [1]
