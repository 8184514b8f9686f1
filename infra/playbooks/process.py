"""``ansible-playbook`` as a child: followed until it ends, and it never outlives us."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from infra.playbooks.events import Event, parse
from infra.playbooks.log_file import LogFile

#: as in ansible/plugins/callback/homeostat_events.py
EVENTS_VARIABLE = "HOMEOSTAT_EVENTS_FD"
#: how long a run that was told to end may clean up after itself, signal by signal
_GRACE = ((signal.SIGINT, 20.0), (signal.SIGTERM, 5.0), (signal.SIGKILL, 5.0))


def follow(
    command: Sequence[str],
    environment: Mapping[str, str],
    folder: Path,
    log: LogFile,
    take: Callable[[Event], None],
) -> int:
    """Run the command in ``folder``; hand each event to ``take`` and each line to ``log``.

    An interruption (Ctrl-C) ends the run and its children before it goes on to the caller.

    Returns:
        The exit code; that of a signal is negative.
    """
    reading, writing = os.pipe()
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            cwd=folder,
            env={**environment, EVENTS_VARIABLE: str(writing)},
            pass_fds=(writing,),
            # a group of its own, so that Ctrl-C on the terminal reaches it only through us
            start_new_session=True,
        )
    except BaseException:
        os.close(reading)
        raise
    finally:
        os.close(writing)
    assert process.stdout is not None  # noqa: S101 - a pipe was asked for
    copying = threading.Thread(target=_copy, args=(process.stdout, log), daemon=True)
    copying.start()
    try:
        with os.fdopen(reading, encoding="utf-8", errors="replace") as events:
            for line in events:
                take(parse(line))
        code = process.wait()
    except BaseException:
        _end(process)
        raise
    finally:
        # a connection that is kept open for the next run may hold the pipe
        copying.join(timeout=5)
        if not copying.is_alive():
            process.stdout.close()
    return code


def _copy(stream: IO[str], log: LogFile) -> None:
    # the log is closed when a run that was ended took too long to fall silent
    with suppress(ValueError):
        for line in stream:
            log.write(line)


def _end(process: subprocess.Popen[str]) -> None:
    """End the run and everything in its group; a second Ctrl-C meanwhile is not heard."""
    with _deaf_to_interrupts():
        for number, seconds in _GRACE:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, number)
            with suppress(subprocess.TimeoutExpired):
                process.wait(seconds)
                return


@contextmanager
def _deaf_to_interrupts() -> Generator[None]:
    # signals are the main thread's alone
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
