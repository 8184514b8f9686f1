"""A worker is killed under load: only what it was answering may fail, and another takes its place."""

from __future__ import annotations

import http.client
import os
import signal
import threading
import time
from dataclasses import dataclass, field

from tests.benchmarks.serving import usage
from tests.benchmarks.serving.abuse.scenario import Outcome
from tests.benchmarks.serving.processes import Running

CLIENTS = 16
KILLS = 3
LOAD_SECONDS = 1.5
RETURN_SECONDS = 30.0
ANSWER_SECONDS = 10.0


@dataclass
class _Client:
    """Asks on one connection again and again, and on a new one when that broke."""

    server: Running
    enough: threading.Event
    answered: int = 0
    #: when a request failed
    failed_at: list[float] = field(default_factory=list[float])
    other: list[str] = field(default_factory=list[str])

    def ask_on(self) -> None:
        """Until it is enough."""
        message = self.server.contestant.wires["JSON"].ask(self.server.prepared.requests[1])
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=ANSWER_SECONDS)
        while not self.enough.is_set():
            try:
                connection.request("POST", message.path, message.body, dict(message.headers))
                answer = connection.getresponse()
                answer.read()
            except (OSError, http.client.HTTPException):
                self.failed_at.append(time.monotonic())
                connection.close()
                continue
            if answer.status == 200:
                self.answered += 1
            else:
                self.other.append(str(answer.status))
        connection.close()


@dataclass(frozen=True, slots=True)
class KilledWorker:
    """SIGKILL for the busiest worker, some times."""

    name: str = "workers killed under load"

    def play(self, server: Running) -> Outcome:
        """Kill one after the other; each client may lose one request for each."""
        enough = threading.Event()
        clients = [_Client(server, enough) for _ in range(CLIENTS)]
        threads = [threading.Thread(target=client.ask_on, daemon=True) for client in clients]
        for thread in threads:
            thread.start()
        failures: list[str] = []
        killed = 0
        while killed < KILLS and not failures:
            time.sleep(LOAD_SECONDS)
            if problem := _kill_one(server):
                failures.append(problem)
            killed += not problem
        time.sleep(LOAD_SECONDS)
        enough.set()
        for thread in threads:
            thread.join(ANSWER_SECONDS * 2)
        return _judge(clients, killed, failures)


def _judge(clients: list[_Client], killed: int, failures: list[str]) -> Outcome:
    lost = sum(len(client.failed_at) for client in clients)
    most = max(len(client.failed_at) for client in clients)
    other = [text for client in clients for text in client.other]
    if other:
        failures.append(f"answered {', '.join(sorted(set(other)))}, {len(other)} times")
    # a client has one request in flight, so that a killed worker takes at most one of each
    if most > KILLS:
        failures.append(f"one client lost {most} requests at {KILLS} kills")
    answered = sum(client.answered for client in clients)
    return Outcome(f"{killed} killed, {answered:,} answered, {lost} in flight lost", failures)


def _kill_one(server: Running) -> str:
    """Kill the busiest and wait for another; what is wrong, if anything."""
    workers = set(_workers(server))
    if len(workers) < 2:
        return f"there are {len(workers)} workers, two are needed"
    os.kill(max(workers, key=lambda pid: usage.cpu_seconds([pid])), signal.SIGKILL)
    until = time.monotonic() + RETURN_SECONDS
    while time.monotonic() < until:
        now = set(_workers(server))
        if len(now) == len(workers) and now != workers:
            return ""
        time.sleep(0.05)
    return f"no worker took the place of the killed one within {RETURN_SECONDS:g} s"


def _workers(server: Running) -> list[int]:
    return [pid for pid in server.pids() if pid != server.process.pid]
