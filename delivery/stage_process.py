"""A stage's processes never outlive the stage, nor the runner.

A stage starts make, which starts Python, which starts what it likes, also in sessions of its own. All of it
carries a mark, which is swept when the stage ends and, by a warden, when the runner dies: else two runs would
train and hand off at once after a restart.
"""

from __future__ import annotations

import os
import secrets
import subprocess
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from delivery.run_log import RunLog
from infra.linux.marks import MARKS_VARIABLE, with_marks
from infra.linux.sweep import sweep
from infra.process.processes.warden import warden

#: the exit code for what was stopped because its time was over, as of timeout(1)
TOOK_TOO_LONG = 124


def run_logged(
    argv: Sequence[str], where: Path, environment: Mapping[str, str], log: RunLog, timeout_seconds: float
) -> int:
    """Run ``argv`` with its output in ``log``; return its exit code, or :data:`TOOK_TOO_LONG`.

    Nothing that it started runs on when this returns.
    """
    mark = f"stage.{secrets.token_hex(8)}"
    overdue = threading.Event()

    def end_all() -> None:
        """Once the stage ended: what it left may hold its output open, and would be waited for."""
        try:
            process.wait(timeout_seconds)
        except subprocess.TimeoutExpired:
            overdue.set()
        sweep(mark)

    with (
        warden(mark),
        subprocess.Popen(
            argv,
            cwd=where,
            env={**environment, MARKS_VARIABLE: with_marks(os.environ, mark)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        ) as process,
    ):
        ending = threading.Thread(target=end_all)
        ending.start()
        try:
            for line in process.stdout or ():
                log.write(line)
        except BaseException:
            process.kill()
            raise
        finally:
            ending.join()
    return TOOK_TOO_LONG if overdue.is_set() else process.returncode
