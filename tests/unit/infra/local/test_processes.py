"""The cluster's processes: started to outlive their starter, and found again without a list."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from infra.linux import proc
from infra.linux.sweep import sweep
from infra.local import processes
from infra.local.component import Component
from infra.local.errors import ComponentNotReady
from infra.local.place import Place
from infra.local.supervision import ensure


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    made = Place(tmp_path, tmp_path / "cluster")
    made.folder.mkdir()
    yield made
    sweep(made.mark, grace_seconds=0.2)


def sleeper(check=lambda: None, *, script: str = "import time; time.sleep(600)") -> Component:
    """A component in the machine's own network, which needs no root."""
    return Component("sleeper", (sys.executable, "-c", script), check, network=None, patience_seconds=5)


def ids(place: Place) -> list[int]:
    return [found.identity.pid for found in processes.running(place)]


def test_a_started_component_is_found_by_its_name_and_revision(place: Place) -> None:
    component = sleeper()
    processes.start(place, component)
    [found] = processes.running(place)
    assert (found.component, found.revision) == ("sleeper", component.revision)


def test_it_leads_a_session_of_its_own(place: Place) -> None:
    processes.start(place, sleeper())
    [pid] = ids(place)
    assert os.getsid(pid) == pid


def test_what_a_component_starts_is_not_taken_for_it(place: Place) -> None:
    script = "import subprocess; subprocess.Popen(['sleep', '600'], start_new_session=True).wait()"
    processes.start(place, sleeper(script=script))
    assert len(ids(place)) == 1


def test_components_of_another_cluster_are_not_found(place: Place, tmp_path: Path) -> None:
    processes.start(place, sleeper())
    assert processes.running(Place(tmp_path, tmp_path / "other")) == []


def test_a_second_start_changes_nothing(place: Place) -> None:
    component = sleeper()
    assert ensure(place, component) == ["sleeper was started"]
    before = ids(place)
    assert ensure(place, component) == []
    assert ids(place) == before


def test_one_that_was_killed_is_started_again(place: Place) -> None:
    component = sleeper()
    ensure(place, component)
    [before] = processes.running(place)
    os.kill(before.identity.pid, signal.SIGKILL)
    while proc.is_alive(before.identity):
        time.sleep(0.01)
    assert ensure(place, component) == ["sleeper was started"]
    assert processes.running(place) != [before]


def test_another_configuration_replaces_the_process(place: Place) -> None:
    component = sleeper()
    ensure(place, component)
    [before] = processes.running(place)
    changed = replace(component, environment={"MORE": "1"})
    assert ensure(place, changed) == ["sleeper was started anew, with another configuration"]
    [after] = processes.running(place)
    assert (after.revision, proc.is_alive(before.identity)) == (changed.revision, False)


def test_one_that_runs_and_does_not_work_is_started_anew(place: Place) -> None:
    broken: list[int] = []
    component = replace(sleeper(lambda: "is broken" if ids(place) == broken else None), patience_seconds=0.3)
    ensure(place, component)
    broken += ids(place)
    assert ensure(place, component) == ["sleeper did not answer and was started anew"]


def test_one_that_ends_at_once_is_told_with_the_end_of_its_log(place: Place) -> None:
    component = sleeper(lambda: "does not answer", script="raise SystemExit('the port is taken')")
    with pytest.raises(ComponentNotReady, match=r"sleeper ended at once(.|\n)*the port is taken"):
        ensure(place, component)


def test_its_configuration_files_are_its_owner_s_alone(place: Place) -> None:
    path = place.configuration / "file"
    processes.start(place, replace(sleeper(), files={path: "text"}))
    assert (path.read_text(), path.stat().st_mode & 0o777) == ("text", 0o600)


def test_nothing_of_the_shell_is_in_its_environment(place: Place, monkeypatch) -> None:
    monkeypatch.setenv("SECRET_OF_THE_SHELL", "x")
    assert "SECRET_OF_THE_SHELL" not in processes.environment_of(place, sleeper())


def test_stopping_one_that_does_not_listen_ends_it_all_the_same(place: Place) -> None:
    script = "import signal, time; signal.signal(15, signal.SIG_IGN); print('x', flush=True); time.sleep(600)"
    component = sleeper(lambda: None if place.log("sleeper").read_text() else "not yet", script=script)
    ensure(place, component)
    [found] = processes.running(place)
    processes.stop(found, grace_seconds=0.1)
    assert ids(place) == []
