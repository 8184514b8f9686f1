"""A server that runs for a benchmark: started, checked, held still while others are measured, and ended."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import numpy as np

from tests.benchmarks.serving import usage
from tests.benchmarks.serving.contestants import Contestant
from tests.benchmarks.serving.cores import Cores
from tests.benchmarks.serving.environments import NotToBeHad
from tests.benchmarks.serving.model_files import ONNX, Prepared
from tests.benchmarks.serving.wires import Message, Wire

START_SECONDS = 120.0
STOP_SECONDS = 15.0
ANSWER_SECONDS = 30.0
#: how far probabilities may be from the estimator's own; ONNX computes in float32
TOLERANCE = {ONNX: 1e-5}
EXACT = 1e-6


@dataclass(frozen=True, slots=True)
class Running:
    """One server that answered correctly."""

    contestant: Contestant
    prepared: Prepared
    process: subprocess.Popen[bytes]
    port: int

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def pids(self) -> Sequence[int]:
        """It and its descendants."""
        return usage.tree(self.process.pid)

    def hold(self) -> None:
        """Let none of its processes run."""
        _signal(self.pids(), signal.SIGSTOP)

    def go_on(self) -> None:
        """Let them run again."""
        _signal(self.pids(), signal.SIGCONT)

    def stop(self) -> None:
        """End it with all of its processes."""
        self.go_on()
        pids = self.pids()
        self.process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(STOP_SECONDS)
        _signal([pid for pid in pids if usage.tree(pid)], signal.SIGKILL)
        self.process.wait(STOP_SECONDS)


@contextmanager
def running(
    contestant: Contestant, prepared: Prepared, cores: Cores, log: Path, more: Mapping[str, str] | None = None
) -> Generator[Running]:
    """Start it, wait until it answers, and compare its answers with the estimator's.

    Raises:
        NotToBeHad: when it ends, does not answer in time, or answers wrongly.
    """
    server = start(contestant, prepared, cores, log, more)
    try:
        yield server
    finally:
        server.stop()


def start(
    contestant: Contestant, prepared: Prepared, cores: Cores, log: Path, more: Mapping[str, str] | None = None
) -> Running:
    """The same, to be stopped by the caller."""
    port = _free_port()
    command, environment = contestant.launch(prepared, port)
    pin = cores.pin_server if contestant.pinned else ()
    with log.open("wb") as stream:
        process = subprocess.Popen(
            [*pin, *command],
            env={**environment, **(more or {})},
            cwd=prepared.folder,
            stdout=stream,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            # Ctrl-C is ours to handle: every server is then ended in order
            start_new_session=True,
        )
    server = Running(contestant, prepared, process, port)
    try:
        _await_answer(server, log)
        _check_answers(server)
    except BaseException:
        server.stop()
        raise
    return server


def _await_answer(server: Running, log: Path) -> None:
    until = time.monotonic() + START_SECONDS
    wire = next(iter(server.contestant.wires.values()))
    message = wire.ask(server.prepared.requests[1])
    last = "it did not listen"
    while time.monotonic() < until:
        if server.process.poll() is not None:
            raise NotToBeHad(f"it ended by itself: {_last_line(log)}")
        with suppress(httpx.TransportError):
            answer = ask(server, message)
            if answer.status_code == 200:
                return
            last = f"it answered {answer.status_code}: {answer.text[:200]}"
        time.sleep(0.1)
    raise NotToBeHad(f"it was not ready within {START_SECONDS:g} s: {last}")


def _check_answers(server: Running) -> None:
    for name, wire in server.contestant.wires.items():
        for count in server.prepared.requests:
            if difference := wrong_by(server, wire, count):
                raise NotToBeHad(f"it answers {count} rows in {name} wrongly: {difference}")


def wrong_by(server: Running, wire: Wire, count: int) -> str:
    """How its probabilities differ from the estimator's; empty when they don't."""
    message, expected = wire.ask(server.prepared.requests[count]), server.prepared.expected[count]
    answer = ask(server, message)
    if answer.status_code != 200:
        return f"{answer.status_code} {answer.text[:200]}"
    found = wire.read(answer.content, answer.headers)
    if found.shape != expected.shape:
        return f"shape {found.shape} instead of {expected.shape}"
    largest = float(np.abs(found - expected).max())
    return "" if largest <= TOLERANCE.get(server.contestant.engine, EXACT) else f"off by {largest:.2g}"


def ask(server: Running, message: Message) -> httpx.Response:
    """One request outside of any measurement."""
    return httpx.post(
        server.url + message.path,
        content=message.body,
        headers=message.headers,
        timeout=ANSWER_SECONDS,
        trust_env=False,
    )


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]


def _signal(pids: Sequence[int], number: signal.Signals) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)


def _last_line(log: Path) -> str:
    lines = log.read_text("utf-8", errors="replace").strip().splitlines() or ["it said nothing"]
    return lines[-1][:300]
