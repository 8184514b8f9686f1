"""No process of a stage outlives its runner, whatever it started and however the runner ended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from delivery.run_log import RunLog
from delivery.stage_process import TOOK_TOO_LONG, run_logged
from infra.linux.proc import identity
from tests.unit.delivery.small_platform import until

# a stage that starts a session of its own, which no process group reaches
WANDERER = "setsid sh -c 'echo $$ >{file}; exec sleep 600' & "

RUNNER = """
import os
import signal
from pathlib import Path
from delivery.run_log import RunLog
from delivery.stage_process import run_logged
# tests that run in the background of a shell inherit an ignored SIGINT
signal.signal(signal.SIGINT, signal.default_int_handler)
with RunLog(Path({log!r})) as log:
    run_logged(["sh", "-c", {stage!r}], Path.cwd(), os.environ, log, timeout_seconds=600)
"""


def alive(file: Path) -> bool:
    return file.exists() and file.read_text().strip() != "" and identity(int(file.read_text())) is not None


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_what_a_stage_started_ends_with_the_runner(tmp_path: Path, end: signal.Signals) -> None:
    file = tmp_path / "pid"
    program = RUNNER.format(log=str(tmp_path / "log"), stage=WANDERER.format(file=file) + "sleep 600")
    with subprocess.Popen([sys.executable, "-c", program], stderr=subprocess.DEVNULL) as runner:
        until(lambda: alive(file))
        runner.send_signal(end)
        runner.wait()

    until(lambda: not alive(file))


def run(folder: Path, *argv: str, timeout_seconds: float = 60) -> int:
    with RunLog(folder / "log") as log:
        return run_logged(argv, folder, os.environ, log, timeout_seconds)


def test_what_a_stage_leaves_behind_ends_with_the_stage(tmp_path: Path) -> None:
    file = tmp_path / "pid"
    stage = WANDERER.format(file=file) + f"until [ -s {file} ]; do :; done; exit 7"

    assert run(tmp_path, "sh", "-c", stage) == 7
    assert not alive(file)


def test_a_stage_that_takes_too_long_is_ended_and_called_so(tmp_path: Path) -> None:
    threads = threading.active_count()

    assert run(tmp_path, "sleep", "600", timeout_seconds=0.5) == TOOK_TOO_LONG
    until(lambda: threading.active_count() <= threads)
