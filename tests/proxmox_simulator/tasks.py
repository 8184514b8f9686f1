"""Tasks: what takes time runs in a thread, has a UPID, a log and an end."""

import itertools
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.proxmox_simulator.refusal import Refusal


class TaskFailed(Exception):  # noqa: N818  # says what happened to whom
    """A task that dies; the sentence becomes its exit status."""


@dataclass(slots=True)
class Task:
    """One task of one host."""

    upid: str
    host: str
    kind: str
    id: str
    user: str
    pid: int
    pstart: int
    started_at: int
    log: list[str] = field(default_factory=list[str])
    exit_status: str | None = None
    ended_at: int | None = None
    done: threading.Event = field(default_factory=threading.Event)
    stopped: threading.Event = field(default_factory=threading.Event)

    def tell(self, line: str) -> None:
        """Add a line to the log."""
        self.log.append(line)

    def end(self, status: str) -> None:
        """Write the last line and the exit status."""
        self.tell("TASK OK" if status == "OK" else f"TASK ERROR: {status}")
        self.ended_at, self.exit_status = int(time.time()), status
        self.done.set()

    def check_stopped(self) -> None:
        """Raises when someone stopped the task."""
        if self.stopped.is_set():
            raise TaskFailed("interrupted by signal")


class Tasks:
    """All tasks of the cluster, and what a test does to them: slow, held and failing ones."""

    def __init__(self) -> None:
        self.all: dict[str, Task] = {}
        self._pids = itertools.count(0x1000)
        self._slow_seconds: dict[str, float] = {}
        self._gates: dict[str, threading.Event] = {}
        self._failures: dict[str, list[Sequence[str]]] = defaultdict(list)
        self._closing = threading.Event()
        self._guard = threading.Lock()

    def slow(self, kind: str, seconds: float) -> None:
        """Let tasks of `kind` take `seconds` before their effect; 0 makes them quick again."""
        self._slow_seconds[kind] = seconds

    @contextmanager
    def held(self, kind: str) -> Generator[None]:
        """Tasks of `kind` run, without getting further, until the block is left."""
        gate = self._gates[kind] = threading.Event()
        try:
            yield
        finally:
            self._gates.pop(kind, None)
            gate.set()

    def fail(self, kind: str, log_lines: Sequence[str], times: int) -> None:
        """Let the next tasks of `kind` die with these lines as their logs, the last one as exit status."""
        self._failures[kind] += [log_lines] * times

    def start(self, host: str, kind: str, id_: str, user: str, work: Callable[[Task], None]) -> Task:
        """Run `work` as a task."""
        with self._guard:
            pid, now = next(self._pids), int(time.time())
            pstart = pid * 7
            upid = f"UPID:{host}:{pid:08X}:{pstart:08X}:{now:08X}:{kind}:{id_}:{user}:"
            task = self.all[upid] = Task(upid, host, kind, id_, user, pid, pstart, now)
        threading.Thread(target=self._run, args=(task, work), name=upid, daemon=True).start()
        return task

    def _run(self, task: Task, work: Callable[[Task], None]) -> None:
        try:
            work(task)
            status = "OK"
        except Refusal as refusal:
            status = refusal.message
        except TaskFailed as failed:
            status = str(failed)
        except Exception as error:  # noqa: BLE001  # a thread's edge: whatever a machine raises becomes the exit status
            status = f"{type(error).__name__}: {error}"
        task.end(status)

    def before_effect(self, task: Task) -> None:
        """What a test wished for this kind, at the point where the task's real work begins."""
        gate = self._gates.get(task.kind)
        if gate:
            self._wait(task, gate, None)
        seconds = self._slow_seconds.get(task.kind, 0.0)
        for step in range(1, 5):
            if seconds:
                self._wait(task, self._closing, seconds / 4)
                task.tell(f"progress {step * 25}%")
        with self._guard:
            failures = self._failures[task.kind]
            lines = failures.pop(0) if failures else ()
        for line in lines[:-1]:
            task.tell(line)
        if lines:
            raise TaskFailed(lines[-1])

    def pause(self, task: Task, seconds: float) -> None:
        """Let a task wait."""
        self._wait(task, self._closing, seconds)

    def _wait(self, task: Task, event: threading.Event, seconds: float | None) -> None:
        """Wait for `event`, in short turns so that a stopped task ends soon."""
        end = None if seconds is None else time.monotonic() + seconds
        while not event.wait(0.02 if end is None else max(0.0, min(0.02, end - time.monotonic()))):
            task.check_stopped()
            if self._closing.is_set():
                raise TaskFailed("unexpected status")
            if end is not None and time.monotonic() >= end:
                return

    def close(self) -> None:
        """End what waits, and wait for all tasks."""
        self._closing.set()
        for task in list(self.all.values()):
            task.done.wait(10)
