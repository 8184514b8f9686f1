"""The real programs as children: none outlives this process, and none is missed when it ends."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from .log import FatalError

PAUSE_SECONDS = 0.2
STOP_SECONDS = 8.0


class EndedError(FatalError):
    """A child ended that nobody stopped."""

    def __init__(self, name: str, code: int, last_line: str) -> None:
        super().__init__(f"{name} exited: {_told(code)}: {last_line}")
        self.name = name
        self.code = code


@dataclass(slots=True)
class Children:
    """The running children in the order of their start; start them from the main thread alone.

    The kernel kills a child when the *thread* that started it ends.
    """

    #: one file for what each prints: in K3s' own log it would drown what K3s says
    logs: Path
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict[str, subprocess.Popen[bytes]])

    def start(self, name: str, command: Sequence[str], variables: Mapping[str, str] | None = None) -> None:
        """Start a program that is to run as long as K3s does."""
        environment = {name: value for name, value in os.environ.items() if name != "NOTIFY_SOCKET"}
        self.logs.mkdir(parents=True, exist_ok=True, mode=0o700)
        with self._log(name).open("wb") as log:
            self.running[name] = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", "--", *command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**environment, **(variables or {})},
            )

    def check(self) -> None:
        """See that all run.

        Raises:
            EndedError: when one has ended.
        """
        for name, process in self.running.items():
            if (code := process.poll()) is not None:
                lines = self._log(name).read_text(errors="replace").strip().splitlines()
                raise EndedError(name, code, lines[-1][:400] if lines else "")

    def _log(self, name: str) -> Path:
        return self.logs / f"{name}.log"

    def stop(self, *names: str) -> None:
        """Stop the named ones, or all: the last started first, etcd after all that use it."""
        chosen = [name for name in reversed(self.running) if not names or name in names]
        for group in (
            [name for name in chosen if name != "etcd"],
            [name for name in chosen if name == "etcd"],
        ):
            ending = [self.running.pop(name) for name in group]
            for process in ending:
                process.terminate()
            deadline = time.monotonic() + STOP_SECONDS
            for process in ending:
                _end(process, deadline)

    def wait_until(self, condition: Callable[[], bool], seconds: float = 0) -> bool:
        """Wait until ``condition`` holds, for ever or for ``seconds``; return whether it does.

        Raises:
            EndedError: when a child ends meanwhile.
        """
        deadline = time.monotonic() + seconds if seconds else None
        while not condition():
            self.check()
            if deadline is not None and time.monotonic() > deadline:
                return False
            time.sleep(PAUSE_SECONDS)
        return True


def notify(state: str) -> None:
    """Tell systemd, when it asked to be told."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    name = "\0" + address[1:] if address.startswith("@") else address
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as stream:
        stream.sendto(state.encode(), name)


def stop_by_signal() -> None:
    """Let SIGTERM and SIGINT end the main thread in order."""

    def stop(number: int, frame: FrameType | None) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        raise SystemExit(0)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)


def _end(process: subprocess.Popen[bytes], deadline: float) -> None:
    try:
        process.wait(max(0.1, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _told(code: int) -> str:
    return f"signal: {signal.Signals(-code).name}" if code < 0 else f"exit status {code}"
