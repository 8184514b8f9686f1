"""Fixtures of the room."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from delivery.forge import ensure_forge
from tests.unit.delivery.small_platform import TEMPLATE, Platform, git


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[Platform]:
    root = tmp_path / "repository"
    root.mkdir()
    for file in TEMPLATE.iterdir():
        (root / file.name).write_text(file.read_text())
    (root / "pyproject.toml").write_text("")
    (root / "model-source").mkdir()
    git(root, "init", "--quiet", "--initial-branch=main")
    made = Platform(root, tmp_path / "state")
    made.state.mkdir()
    made.commit()
    ensure_forge(made.forge, root, made.state)
    yield made
    for runner in made.runners:
        runner.kill()
        runner.communicate()
