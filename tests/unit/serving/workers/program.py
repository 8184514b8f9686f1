"""A master whose workers do next to nothing, so that a test sees what the master does.

``program.py COUNT DOES`` says on standard output what happens, one line each. Workers answer with
their number and process id.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path

from homeostat.errors import HomeostatError, MachineError
from serving.workers.master import Events, run_workers
from serving.workers.signals import SignalInbox

COUNT, DOES = int(sys.argv[1]), sys.argv[2]
GRACE_SECONDS = 1.0 if DOES == "ignores" else 60.0


def say(*words: object) -> None:
    os.write(1, (" ".join(map(str, words)) + "\n").encode())


def misbehave(index: int) -> None:
    """What goes wrong before the worker listens."""
    match DOES:
        case "fails" if index == COUNT - 1:
            raise MachineError("This machine is no good.")
        case "breaks":
            raise KeyError("no such thing")
        case "is-killed":
            os.kill(os.getpid(), signal.SIGKILL)
        case "is-slow":
            time.sleep(60)
        case _:
            pass


def answer(listener: socket.socket, index: int, asked: list[int]) -> None:
    listener.settimeout(0.02)
    while not asked or DOES == "ignores":
        try:
            connection, _ = listener.accept()
        except TimeoutError:
            continue
        connection.sendall(f"{index} {os.getpid()}".encode())
        connection.close()


def main() -> None:
    inbox = SignalInbox()
    listener = socket.create_server(("127.0.0.1", 0))
    say("port", listener.getsockname()[1])
    say("threads", len(list(Path("/proc/self/task").iterdir())))
    if DOES == "stopped-early":
        os.kill(os.getpid(), signal.SIGTERM)

    def work(index: int, on_listening: Callable[[], None]) -> None:
        asked: list[int] = []
        say("worker", index, os.getpid())
        misbehave(index)
        signal.signal(signal.SIGTERM, lambda *_: asked.append(1))
        on_listening()
        answer(listener, index, asked)
        say("drained", index)
        while DOES == "drains-for-ever" and len(asked) < 2:
            time.sleep(0.02)

    events = Events(lambda: say("ready"), lambda index: say("lost", index), lambda: say("stopping"))
    try:
        run_workers(COUNT, work, events, inbox, GRACE_SECONDS)
    except HomeostatError as error:
        say("failed", error.exit_code, error)
        sys.exit(error.exit_code)
    say("ended")


if __name__ == "__main__":
    main()
