"""A worker is killed under load: only what it was answering may fail, and another takes its place."""

from __future__ import annotations

import http.client
import os
import signal
import threading
import time
from collections import Counter
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
    #: the port of ours on which a request failed, 0 where there was no connection
    failed_on: list[int] = field(default_factory=list[int])
    other: list[str] = field(default_factory=list[str])

    def ask_on(self) -> None:
        """Until it is enough."""
        message = self.server.contestant.wires["JSON"].ask(self.server.prepared.requests[1])
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=ANSWER_SECONDS)
        while not self.enough.is_set():
            port = 0
            try:
                if connection.sock is None:
                    connection.connect()
                port = connection.sock.getsockname()[1]
                connection.request("POST", message.path, message.body, dict(message.headers))
                answer = connection.getresponse()
                answer.read()
            except (OSError, http.client.HTTPException):
                self.failed_on.append(port)
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
        """Kill one after the other; what a killed one had accepted may be lost, nothing else."""
        enough = threading.Event()
        clients = [_Client(server, enough) for _ in range(CLIENTS)]
        threads = [threading.Thread(target=client.ask_on, daemon=True) for client in clients]
        for thread in threads:
            thread.start()
        failures: list[str] = []
        killed = 0
        held: list[int] = []
        while killed < KILLS and not failures:
            time.sleep(LOAD_SECONDS)
            if problem := _kill_one(server, held):
                failures.append(problem)
            killed += not problem
        time.sleep(LOAD_SECONDS)
        enough.set()
        for thread in threads:
            thread.join(ANSWER_SECONDS * 2)
        return Outcome(_told(clients, killed, held), [*failures, *_wrong(clients, held)])


def _told(clients: list[_Client], killed: int, held: list[int]) -> str:
    answered, lost = sum(one.answered for one in clients), sum(len(one.failed_on) for one in clients)
    return f"{killed} killed with {len(held)} connections, {answered:,} answered, {lost} in flight lost"


def _wrong(clients: list[_Client], held: list[int]) -> list[str]:
    other = [text for client in clients for text in client.other]
    found = [f"answered {', '.join(sorted(set(other)))}, {len(other)} times"] if other else []
    return found + beyond([port for client in clients for port in client.failed_on], held)


def beyond(failed_on: list[int], held: list[int]) -> list[str]:
    """What was lost on connections that no killed worker held; each of those has one request in flight."""
    left = Counter(failed_on)
    left.subtract(Counter(held))
    if lost := sum(count for count in left.values() if count > 0):
        return [f"{lost} requests were lost that no killed worker was answering"]
    return []


def _kill_one(server: Running, held: list[int]) -> str:
    """Kill the busiest, its connections into ``held``, and wait for another; what is wrong, if anything."""
    workers = set(_workers(server))
    if len(workers) < 2:
        return f"there are {len(workers)} workers, two are needed"
    busiest = max(workers, key=lambda pid: usage.cpu_seconds([pid]))
    # it accepts nothing more while we look
    os.kill(busiest, signal.SIGSTOP)
    held += usage.client_ports(busiest)
    os.kill(busiest, signal.SIGKILL)
    until = time.monotonic() + RETURN_SECONDS
    while time.monotonic() < until:
        now = set(_workers(server))
        if len(now) == len(workers) and now != workers:
            return ""
        time.sleep(0.05)
    return f"no worker took the place of the killed one within {RETURN_SECONDS:g} s"


def _workers(server: Running) -> list[int]:
    return [pid for pid in server.pids() if pid != server.process.pid]
