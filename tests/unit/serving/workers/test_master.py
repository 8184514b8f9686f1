"""What the master does with its workers, shown with workers that start at once."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

PROGRAM = Path(__file__).with_name("program.py")
ROOT = Path(__file__).parents[4]


class Master:
    """A running ``program.py``, and what it has said."""

    def __init__(self, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(PROGRAM), *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
        )
        self.said: list[list[str]] = []

    def await_line(self, *words: str) -> list[str]:
        """Read until a line begins with ``words``; the whole line."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said.append(line.split())
            if self.said[-1][: len(words)] == list(words):
                return self.said[-1]
        pytest.fail(f"it never said {words}, but {self.said} and {self.errors()}")

    def rest(self) -> list[list[str]]:
        assert self.process.stdout is not None
        self.said += [line.split() for line in self.process.stdout]
        return self.said

    def errors(self) -> str:
        assert self.process.stderr is not None
        return self.process.stderr.read()

    def pids(self) -> list[int]:
        return [int(line[2]) for line in self.said if line[0] == "worker"]

    def port(self) -> int:
        return next(int(line[1]) for line in self.said if line[0] == "port")

    def end(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)


@pytest.fixture
def master() -> Iterator[Callable[..., Master]]:
    running: list[Master] = []

    def start(*arguments: str) -> Master:
        running.append(Master(*arguments))
        return running[-1]

    yield start
    for one in running:
        one.process.kill()
        one.process.wait()
        for stream in (one.process.stdout, one.process.stderr):
            assert stream is not None
            stream.close()


def is_alive(pid: int) -> bool:
    """Whether it runs; a zombie does not."""
    with suppress(FileNotFoundError, ProcessLookupError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def await_that(condition: Callable[[], bool]) -> None:
    until = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < until, "the condition did not come true"
        time.sleep(0.01)


def test_ready_is_said_once_when_all_listen_and_the_master_has_one_thread(master: Callable[..., Master]):
    running = master("3", "serves")
    running.await_line("ready")
    assert len(running.pids()) == 3
    assert running.end() == 0
    said = running.rest()
    assert said.count(["ready"]) == 1
    assert ["threads", "1"] in said
    assert not any(map(is_alive, running.pids()))


def test_a_dead_worker_is_replaced_by_one_of_its_number(master: Callable[..., Master]):
    running = master("2", "serves")
    running.await_line("ready")
    victim = next(line for line in running.said if line[0] == "worker" and line[1] == "1")
    os.kill(int(victim[2]), signal.SIGKILL)
    running.await_line("lost", "1")
    successor = running.await_line("worker", "1")
    assert successor[2] != victim[2]
    assert running.end() == 0
    assert running.rest().count(["ready"]) == 1


def test_dead_workers_do_not_stay_as_zombies(master: Callable[..., Master]):
    running = master("1", "serves")
    running.await_line("ready")
    for _ in range(3):
        victim = running.pids()[-1]
        os.kill(victim, signal.SIGKILL)
        running.await_line("worker", "0")
        assert not Path(f"/proc/{victim}").exists()


def test_a_killed_master_takes_its_workers_along_and_frees_the_port(master: Callable[..., Master]):
    running = master("2", "serves")
    running.await_line("ready")
    running.process.kill()
    running.process.wait()
    await_that(lambda: not any(map(is_alive, running.pids())))
    socket.create_server(("127.0.0.1", running.port())).close()


def test_a_master_that_is_killed_right_after_the_fork_leaves_nobody(master: Callable[..., Master]):
    running = master("2", "is-slow")
    running.await_line("worker")
    running.process.kill()
    running.process.wait()
    running.rest()  # ends when the last process that could write has ended
    assert not any(map(is_alive, running.pids()))


def test_a_worker_that_can_not_start_ends_all_with_its_sentence_and_code(master: Callable[..., Master]):
    running = master("3", "fails")
    assert running.process.wait(30) == 4
    said = running.rest()
    assert ["failed", "4", "This", "machine", "is", "no", "good."] in said
    assert ["ready"] not in said
    assert not any(map(is_alive, running.pids()))


def test_a_worker_that_breaks_tells_its_traceback_and_one_sentence(master: Callable[..., Master]):
    running = master("1", "breaks")
    assert running.process.wait(30) == 1
    assert "A worker can't serve (KeyError: 'no such thing')" in " ".join(running.rest()[-1])
    assert "Traceback" in running.errors()


def test_a_worker_that_is_killed_before_it_listens_is_told_as_such(master: Callable[..., Master]):
    running = master("1", "is-killed")
    assert running.process.wait(30) == 1
    assert "before it could answer (Killed)" in " ".join(running.rest()[-1])


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_either_signal_lets_every_worker_finish(master: Callable[..., Master], number: signal.Signals):
    running = master("2", "serves")
    running.await_line("ready")
    running.process.send_signal(number)
    assert running.process.wait(30) == 0
    said = running.rest()
    assert sum(line[0] == "drained" for line in said) == 2
    assert said[-1] == ["ended"]


def test_a_request_to_stop_before_the_first_fork_is_not_lost(master: Callable[..., Master]):
    running = master("2", "stopped-early")
    assert running.process.wait(30) == 0
    assert running.rest()[-1] == ["ended"]
    assert running.pids() == []


def test_a_request_to_stop_while_workers_start_ends_them_at_once(master: Callable[..., Master]):
    running = master("2", "is-slow")
    running.await_line("worker")
    assert running.end() == 0
    assert ["ready"] not in running.rest()


def test_a_second_request_does_not_wait_for_the_drain(master: Callable[..., Master]):
    running = master("2", "drains-for-ever")
    running.await_line("ready")
    running.process.terminate()
    running.await_line("drained")
    running.await_line("drained")
    assert running.end() == 0
    assert "workers_killed" not in " ".join(running.rest()[-1])


def test_a_worker_that_does_not_end_is_killed_and_that_is_said(master: Callable[..., Master]):
    running = master("2", "ignores")
    running.await_line("ready")
    assert running.end() == 0
    said = " ".join(word for line in running.rest() for word in line)
    assert "workers_killed" in said
    assert not any(map(is_alive, running.pids()))
