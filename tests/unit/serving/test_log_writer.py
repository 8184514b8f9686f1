"""Logging into a real pipe that nobody reads."""

from __future__ import annotations

import fcntl
import json
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest

from serving.log_writer import BackgroundHandler, FittingHandler
from tests.programs import ROOT

MOST_LINES = 50


@dataclass
class Scene:
    """A pipe as small as the kernel makes it, and a handler that writes into it."""

    reading: int
    writing: int
    dropped: list[None] = field(default_factory=list)

    def __post_init__(self) -> None:
        fcntl.fcntl(self.writing, fcntl.F_SETPIPE_SZ, 4096)
        self.handler = BackgroundHandler(self.writing, lambda: self.dropped.append(None), MOST_LINES)
        self.handler.setFormatter(logging.Formatter('{"event": "%(message)s"}'))

    def log(self, text: str, level: int = logging.INFO) -> None:
        self.handler.handle(logging.LogRecord("a", level, "", 0, text, None, None))

    def read_until(self, enough: Callable[[list[str]], bool]) -> list[str]:
        """The events that come out, until they are enough."""
        os.set_blocking(self.reading, False)
        content, until = b"", time.monotonic() + 30
        while True:
            try:
                content += os.read(self.reading, 65536)
            except BlockingIOError:
                assert time.monotonic() < until, f"not enough came: {content!r}"
                time.sleep(0.005)
            events = [str(json.loads(line)["event"]) for line in content.splitlines(keepends=True)[:-1]]
            if content.endswith(b"\n"):
                events.append(str(json.loads(content.splitlines()[-1])["event"]))
            if enough(events):
                return events


@pytest.fixture
def scene() -> Iterator[Scene]:
    made = Scene(*os.pipe())
    yield made
    # a write that still waits fails then
    os.close(made.reading)
    made.handler.close()
    os.close(made.writing)


def fill(scene: Scene) -> int:
    """Log lines of 1 KiB until one is dropped; return how many were logged."""
    count = 0
    while not scene.dropped:
        scene.log(f"{count:01000d}")
        count += 1
        assert count < 10 * MOST_LINES
    return count


def test_lines_come_out_whole_and_in_order(scene: Scene):
    for number in range(20):
        scene.log(str(number))
    assert scene.read_until(lambda events: len(events) >= 20) == [str(number) for number in range(20)]
    assert scene.dropped == []


def test_nobody_waits_for_a_reader_that_stopped(scene: Scene):
    logged = fill(scene)
    assert logged > MOST_LINES // 2
    before = len(scene.dropped)
    for _ in range(100):
        scene.log("more")
    assert len(scene.dropped) == before + 100


def test_warnings_still_find_room_when_other_lines_do_not(scene: Scene):
    fill(scene)
    before = len(scene.dropped)
    scene.log("important", logging.WARNING)
    assert len(scene.dropped) == before
    assert "important" in scene.read_until(lambda events: "important" in events)


def test_once_there_is_a_reader_it_is_told_how_many_lines_are_missing(scene: Scene):
    logged = fill(scene)
    events = scene.read_until(lambda events: "log_lines_dropped" in events)
    assert len(events) - 1 == logged - len(scene.dropped)
    scene.log("later")
    assert scene.read_until(lambda events: "later" in events) == ["later"]


def test_lines_longer_than_the_pipe_come_out_whole(scene: Scene):
    text = "x" * 50_000
    scene.log(text)
    assert scene.read_until(bool) == [text]


def test_a_pipe_that_someone_made_nonblocking_loses_nothing(scene: Scene):
    os.set_blocking(scene.writing, False)
    for number in range(MOST_LINES // 4):
        scene.log(f"{number:01000d}")
    events = scene.read_until(lambda events: len(events) >= MOST_LINES // 4)
    assert [int(event) for event in events] == list(range(MOST_LINES // 4))
    assert scene.dropped == []


def test_what_was_logged_is_written_before_the_handler_is_closed(scene: Scene):
    for number in range(10):
        scene.log(str(number))
    scene.handler.close()
    assert os.read(scene.reading, 4096).count(b"\n") == 10


def test_many_threads_lose_and_double_nothing_that_is_not_counted(scene: Scene):
    def log() -> None:
        for _ in range(200):
            scene.log("x")

    threads = [threading.Thread(target=log) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    scene.log("end", logging.ERROR)
    events = scene.read_until(lambda events: "end" in events)
    assert events.count("x") + len(scene.dropped) == 800


def test_without_a_thread_lines_are_written_while_they_fit():
    reading, writing = os.pipe()
    fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, 4096)
    handler = FittingHandler(writing)
    for number in range(100):
        handler.handle(logging.LogRecord("a", logging.INFO, "", 0, f"{number:099d}", None, None))
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        lines = pipe.read().splitlines()
    # the pipe's only page takes a first write whenever it is empty, and says that it is full from then on
    assert lines
    assert [int(line) for line in lines] == list(range(len(lines)))


SERVER = """
import structlog
from homeostat.log import configure_logging
from serving.log_writer import write_in_background
configure_logging("model-toy")
dropped = []
write_in_background(lambda: dropped.append(None))
log = structlog.get_logger("a")
for number in range(5000):
    log.info("request", number=number)
import os
os.write(2, b"%d" % len(dropped))
"""


def test_a_process_whose_output_nobody_reads_goes_on_and_ends():
    process = subprocess.Popen(
        [sys.executable, "-c", SERVER], stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT
    )
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        assert process.wait(60) == 0, process.stderr.read()
        lines = process.stdout.read().splitlines()
        written = [json.loads(line) for line in lines if line.endswith(b"}")]
        assert int(process.stderr.read()) + len(written) <= 5000
        assert written[0]["service"] == "model-toy"
        assert [line["number"] for line in written] == list(range(len(written)))
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        process.stderr.close()
