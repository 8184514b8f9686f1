"""A real platform for the tests of the whole: every service, on free ports, in a folder of its own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
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
    found: list[str] = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            found.append((process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace"))
    return [line for line in found if str(folder) in line]
