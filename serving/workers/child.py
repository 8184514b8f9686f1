"""The birth of a worker: what stands between fork(2) and its work.

Nothing of the master may go on in the child: not its signals, its pipes, or the code that runs at its exit.
And the child must not outlive it: the kernel kills it when the master is gone, so the port is free again.
"""

from __future__ import annotations

import ctypes
import logging
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from types import FrameType
from typing import NoReturn

from homeostat.errors import HomeostatError
from serving.workers.reports import Failed, Listening, Report, parse_reports, send
from serving.workers.signals import SignalInbox, held_back

#: serves as the worker of that number until it is asked to stop; calls its second argument once it listens
Work = Callable[[int, Callable[[], None]], None]

PR_SET_PDEATHSIG = 1


@dataclass(slots=True)
class Worker:
    """A living worker as the master sees it."""

    index: int
    pid: int
    #: where its reports are read
    descriptor: int
    born: float = field(default_factory=time.monotonic)
    listening: bool = False
    #: it did not listen in time
    killed: bool = False
    _received: bytes = b""

    def reports(self) -> list[Report]:
        """What it has told since the last call."""
        while True:
            try:
                chunk = os.read(self.descriptor, 65536)
            except BlockingIOError:
                break
            if not chunk:
                break
            self._received += chunk
        whole, _, rest = self._received.rpartition(b"\n")
        self._received = rest
        return parse_reports(whole + b"\n") if whole else []


def fork_worker(index: int, work: Work, inbox: SignalInbox, others: Iterable[Worker]) -> Worker:
    """Fork the worker ``index``; only the master returns from here."""
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    # what is still buffered would be written by both
    sys.stdout.flush()
    sys.stderr.flush()
    master = os.getpid()
    # opened here, since the child should do as little as possible before its tie holds
    libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None
    with held_back():
        pid = os.fork()
        if pid == 0:
            _tie_to(master, libc)
            inbox.leave()
            _end_before_it_listens()
            for descriptor in (reading, *(other.descriptor for other in others)):
                os.close(descriptor)
    if pid == 0:
        _be_worker(index, work, writing)
    os.close(writing)
    return Worker(index, pid, reading)


def _tie_to(master: int, libc: ctypes.CDLL | None) -> None:
    """Die with the master; macOS has no such tie, so a master that is killed there leaves its workers."""
    if libc is not None:
        libc.prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
        if os.getppid() != master:
            os._exit(1)  # it died before the tie held


def _end_before_it_listens() -> None:
    """A worker that does not listen yet has nothing to finish; later the server takes SIGTERM over.

    SIGINT comes from a terminal, to the master as well, which passes on what it means.
    """
    signal.signal(signal.SIGTERM, _end)
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _end(number: int, frame: FrameType | None) -> NoReturn:
    del number, frame
    os._exit(0)


def _be_worker(index: int, work: Work, writing: int) -> NoReturn:
    code = 1
    try:
        work(index, lambda: send(writing, Listening()))
        code = 0
    except HomeostatError as error:
        send(writing, Failed(str(error), error.exit_code))
        code = error.exit_code
    except BaseException as error:  # noqa: BLE001 - the edge of a process: whatever it was, the master is told
        traceback.print_exc()
        sentence = f"A worker can't serve ({type(error).__name__}: {error}): its traceback tells where."
        send(writing, Failed(sentence, code))
    finally:
        logging.shutdown()
        sys.stdout.flush()
        sys.stderr.flush()
        # not sys.exit: what the master registered for its exit is the master's
        os._exit(code)
