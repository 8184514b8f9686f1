"""No process of a stage outlives its runner, whatever it started and however the runner ended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from delivery import leash
from delivery.pipeline import run_logged
from delivery.run_log import RunLog
from tests.unit.delivery.small_platform import until

# a stage that starts a session of its own, which no process group reaches
WANDERER = "setsid sh -c 'echo $$ >{file}; exec sleep 600' & "


def alive(file: Path) -> bool:
    return (
        file.exists()
        and file.read_text().strip() != ""
        and Path(f"/proc/{file.read_text().strip()}").exists()
    )


def holder(file: Path) -> subprocess.Popen[bytes]:
    """A process that holds a stage on a leash, as a runner does."""
    stage = WANDERER.format(file=file) + "sleep 600"
    program = (
        "import subprocess\nfrom delivery import leash\n"
        f"subprocess.Popen(leash.command(['sh', '-c', {stage!r}])).wait()\n"
    )
    return subprocess.Popen([sys.executable, "-c", program])


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM])
def test_what_a_stage_started_ends_with_the_runner(tmp_path: Path, end: signal.Signals) -> None:
    file = tmp_path / "pid"
    with holder(file) as runner:
        until(lambda: alive(file))
        runner.send_signal(end)
        runner.wait()

    until(lambda: not alive(file))


def test_what_a_stage_leaves_behind_ends_with_the_stage(tmp_path: Path) -> None:
    file = tmp_path / "pid"
    stage = WANDERER.format(file=file) + f"until [ -s {file} ]; do :; done; exit 7"

    done = subprocess.run(leash.command(["sh", "-c", stage]), check=False)

    assert done.returncode == 7
    assert not alive(file)


def test_a_program_that_is_not_there_is_127_and_named(tmp_path: Path) -> None:
    done = subprocess.run(leash.command(["no-such-program"]), check=False, capture_output=True, text=True)

    assert done.returncode == 127
    assert "no-such-program" in done.stderr


def test_a_leash_whose_holder_is_gone_starts_nothing(tmp_path: Path) -> None:
    argv = [*leash.command(["touch", str(tmp_path / "started")])]
    argv[argv.index(str(os.getpid()))] = "1"

    subprocess.run(argv, check=False)

    assert not (tmp_path / "started").exists()


def test_a_stage_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    threads = threading.active_count()
    with RunLog(tmp_path / "log") as log:
        code = run_logged(["sleep", "600"], tmp_path, os.environ, log, timeout_seconds=0.5)

    assert code != 0
    until(lambda: threading.active_count() <= threads)
