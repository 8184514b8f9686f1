"""A real platform for the tests of the whole: every service, on free ports, in a folder of its own."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from homeostat.paths import ROOT_VARIABLE, STATE_VARIABLE
from infra.process import control

ROOT = Path(__file__).parents[2]


@pytest.fixture
def state(tmp_path: Path) -> Iterator[Path]:
    """A state folder whose platform is down when the test ends, however it ends."""
    yield tmp_path
    control.down(tmp_path / "demo")
    control.down(tmp_path)


def environment(state: Path) -> dict[str, str]:
    """What a person would have set to work with the platform in ``state``."""
    return {**os.environ, ROOT_VARIABLE: str(ROOT), STATE_VARIABLE: str(state)}


def processes_below(folder: Path) -> list[str]:
    """The command lines of the processes that mention ``folder``."""
    listed = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    return [line for line in listed.splitlines() if str(folder) in line]
