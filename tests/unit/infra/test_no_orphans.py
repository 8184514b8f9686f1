"""However the platform ends, none of its processes stays."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from infra.linux.marks import MARKS_VARIABLE, mark_of_state, with_marks
from infra.linux.sweep import sweep
from infra.process import control
from infra.process.errors import AlreadyRunning
from infra.process.state.lock import supervisor_lock
from tests.unit.infra.scene import Scene, await_that

SERVICES = [
    {"name": "worker", "port": None, "options": ["--leaves-a-child"]},
    {"name": "user", "port": None, "needs": ["worker"]},
]


@pytest.fixture
def running(scene: Scene) -> Scene:
    scene.declare(SERVICES)
    scene.up()
    # supervisor, warden, two services, and a child in its own session
    await_that(lambda: len(scene.processes()) == 5, "the start of all processes")
    return scene


def test_down_leaves_no_process(running: Scene) -> None:
    stopped = control.down(running.state)
    assert set(stopped.services) == {"worker", "user"}
    assert running.processes() == []


def test_a_killed_supervisor_leaves_no_process(running: Scene) -> None:
    os.kill(running.status().pid, signal.SIGKILL)
    await_that(lambda: running.processes() == [], "the end of all processes")


def test_up_works_after_the_supervisor_was_killed(running: Scene) -> None:
    killed = running.status().pid
    os.kill(killed, signal.SIGKILL)
    await_that(lambda: control.status(running.state) is None, "the supervisor's end")
    again = running.up()
    assert again.healthy
    assert again.pid != killed
    await_that(lambda: len(running.processes()) == 5, "the end of the first run's processes")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_to_the_supervisor_ends_everything(running: Scene, number: int) -> None:
    os.kill(running.status().pid, number)
    await_that(lambda: running.processes() == [], "the end of all processes")


def test_what_a_service_left_behind_ends_with_it(running: Scene) -> None:
    worker = running.status().service("worker")
    before = set(running.processes())
    os.kill(worker.pid, signal.SIGKILL)
    await_that(lambda: running.status().healthy and running.status().service("worker").restarts)
    await_that(lambda: len(running.processes()) == 5)
    assert len(before - set(running.processes())) == 2  # the worker and its child


def test_a_second_supervisor_refuses(running: Scene) -> None:
    environment = {
        **os.environ,
        "HOMEOSTAT_ROOT": str(running.root),
        "HOMEOSTAT_STATE": str(running.state),
    }
    second = subprocess.run(
        running.platform.supervise, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert second.returncode != 0
    assert "a supervisor already runs" in second.stderr
    assert running.status().healthy


def test_an_up_that_came_second_leaves_the_first_ones_processes_alone(scene: Scene) -> None:
    with supervisor_lock(scene.state), _sleeper(scene.state) as of_the_first:
        with pytest.raises(AlreadyRunning, match="somebody else is bringing up"):
            scene.up()
        assert of_the_first.poll() is None
        of_the_first.kill()


def test_down_of_what_never_ran_says_so(scene: Scene) -> None:
    assert control.down(scene.state) == control.Stopped(was_running=False, services=[], leftovers=[])


def _sleeper(state: Path, inherited: str = "") -> subprocess.Popen[bytes]:
    marks = with_marks({MARKS_VARIABLE: inherited}, mark_of_state(state))
    return subprocess.Popen(["sleep", "300"], env={**os.environ, MARKS_VARIABLE: marks})


def test_a_sweep_ends_its_own_and_ignores_those_of_other_states(tmp_path: Path) -> None:
    with _sleeper(tmp_path / "mine") as mine, _sleeper(tmp_path / "other") as other:
        found = sweep(mark_of_state(tmp_path / "mine"))
        assert [leftover.pid for leftover in found] == [mine.pid]
        assert mine.wait(timeout=60) == -signal.SIGTERM
        assert other.poll() is None
        other.kill()


def test_a_sweep_of_a_platform_ends_the_platforms_started_inside_it(tmp_path: Path) -> None:
    outer = mark_of_state(tmp_path / "outer")
    with _sleeper(tmp_path / "inner", inherited=outer) as inner:
        sweep(outer)
        assert inner.wait(timeout=60) == -signal.SIGTERM


def test_a_sweep_kills_what_ignores_the_polite_signal(tmp_path: Path) -> None:
    marks = with_marks({}, mark_of_state(tmp_path))
    program = (
        "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); signal.pause()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], env={**os.environ, MARKS_VARIABLE: marks}, stdout=subprocess.PIPE
    ) as stubborn:
        stubborn.stdout.readline()
        sweep(mark_of_state(tmp_path), grace_seconds=0.1)
        assert stubborn.wait(timeout=60) == -signal.SIGKILL


def test_a_shell_that_only_exports_the_state_folder_is_left_alone(tmp_path: Path) -> None:
    environment = {**os.environ, "HOMEOSTAT_STATE": str(tmp_path)}
    with subprocess.Popen(["sleep", "300"], env=environment) as bystander:
        assert sweep(mark_of_state(tmp_path)) == []
        assert bystander.poll() is None
        bystander.kill()


INTERRUPTED = """
import signal, sys
# tests that run in the background of a shell inherit an ignored SIGINT
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.path.insert(0, {repository!r})
from pathlib import Path
from tests.unit.infra.scene import Scene
scene = Scene(Path({folder!r}))
scene.declare([{{"name": "worker", "port": None}}, {{"name": "web", "port": 8100, "options": ["--broken"]}}])
scene.pace(first_rest_seconds=60, longest_rest_seconds=60)
def show(status):
    if any(service.failures for service in status.services):
        print("waiting", flush=True)
scene.up(on_change=show)
"""


def test_an_up_that_is_interrupted_leaves_no_process(tmp_path: Path) -> None:
    repository = str(Path(__file__).parents[3])
    program = INTERRUPTED.format(repository=repository, folder=str(tmp_path))
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as starting:
        assert starting.stdout.readline() == b"waiting\n"
        starting.send_signal(signal.SIGINT)
        starting.wait(timeout=60)
    assert Scene(tmp_path).processes() == []


PARENT = """
import os, signal, sys
sys.path.insert(0, {repository!r})
from tests.unit.infra.scene import Scene
from pathlib import Path
scene = Scene(Path({folder!r}))
scene.declare({services!r})
scene.up(with_parent=os.getpid())
print("up", flush=True)
signal.pause()
"""


def test_a_platform_with_a_parent_ends_when_the_parent_is_killed(tmp_path: Path) -> None:
    repository = str(Path(__file__).parents[3])
    program = PARENT.format(repository=repository, folder=str(tmp_path), services=SERVICES)
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as parent:
        try:
            assert parent.stdout.readline() == b"up\n"
            parent.kill()
            scene = Scene(tmp_path)
            await_that(lambda: scene.processes() == [], "the end of all processes")
        finally:
            parent.kill()
            control.down(tmp_path / "state")


def test_a_platform_whose_parent_is_already_gone_does_not_start(scene: Scene) -> None:
    with pytest.raises(control.PlatformNotUp, match="is gone"):
        scene.up(with_parent=1)
    assert scene.processes() == []
