"""A platform for each test, ended with it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.process import control
from infra.process.state.ports import any_free_port
from tests.unit.infra.scene import Scene


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    there = Scene(tmp_path)
    yield there
    control.down(there.state)


@pytest.fixture
def port() -> int:
    return any_free_port()
