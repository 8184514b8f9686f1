"""A full disk is named, and does not end the supervisor."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from homeostat.errors import MachineError
from infra import disk
from infra.process import control
from infra.process.machine import check_machine
from tests.unit.infra.scene import Scene, await_that


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "state"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder], capture_output=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip("a small disk can only be mounted by root")
    yield folder
    control.down(folder)
    subprocess.run(["umount", "--lazy", folder], check=True)


def fill(folder: Path) -> Path:
    path = folder / "filler"
    with path.open("wb", buffering=0) as stream:
        try:
            while True:
                stream.write(b"x" * 4096)
        except OSError as error:
            if not disk.is_full(error):
                raise
    return path


def test_services_are_looked_after_while_the_disk_is_full(
    small_disk: Path, tmp_path: Path, port: int
) -> None:
    scene = Scene(tmp_path)
    scene.declare([{"name": "web", "port": port, "revision": "one"}])
    first = scene.up().service("web")
    filler = fill(small_disk)
    os.kill(first.pid, signal.SIGKILL)
    await_that(lambda: len(scene.processes()) == 3 and first.pid not in scene.processes())
    filler.unlink()
    again = await_that(lambda: (web := scene.status().service("web")).restarts and web.healthy and web)
    assert again.pid != first.pid


def test_up_names_a_full_disk_before_it_starts_anything(small_disk: Path) -> None:
    with pytest.raises(MachineError, match=r"the disk that holds .* is full"):
        check_machine(small_disk)


def test_little_room_is_said_and_does_not_stop_anybody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disk, "COMFORT_BYTES", 2**60)
    assert "is nearly full" in check_machine(tmp_path)[0]
