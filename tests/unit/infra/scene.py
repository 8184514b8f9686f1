"""A platform of small services with a real supervisor, in folders of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from infra.linux.marks import mark_of_state
from infra.linux.sweep import leftovers
from infra.process import control
from infra.process.status import PlatformStatus

SUPERVISOR = Path(__file__).with_name("supervisor_under_test.py")
PATIENCE_SECONDS = 60.0
_IDENTITY = ("-c", "user.name=Test", "-c", "user.email=test@example.invalid")


class Scene:
    """A clone and a state folder, and what a test does with them."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "root"
        self.state = folder / "state"
        self.platform = control.Platform(self.root, self.state, (sys.executable, str(SUPERVISOR)))
        if not self.root.exists():
            self.root.mkdir()
            self.declare([])

    def declare(self, services: list[dict[str, Any]]) -> None:
        temporary = self.root / "services.json.new"
        temporary.write_text(json.dumps(services))
        temporary.replace(self.root / "services.json")

    def pace(self, **seconds: float) -> None:
        (self.root / "pace.json").write_text(json.dumps(seconds))

    def up(self, **options: Any) -> PlatformStatus:
        return control.up(self.platform, **options)

    def status(self) -> PlatformStatus:
        found = control.status(self.state)
        assert found, (self.state / "logs" / "supervisor.log").read_text()
        return found

    def push(self, releases: dict[str, str]) -> str:
        """Commit ``releases`` to main of the local forge, as a push would."""
        forge = self.state / "forge" / "homeostat.git"
        if not forge.exists():
            _git("init", "--quiet", "--bare", "--initial-branch=main", str(forge))
        work = self.root / "work"
        if not work.exists():
            _git("clone", "--quiet", str(forge), str(work))
            _git("-C", str(work), "checkout", "--quiet", "-B", "main")
        for path in work.glob("manifests/models/*/release.yaml"):
            path.unlink()
        for model, text in releases.items():
            path = work / "manifests" / "models" / model / "release.yaml"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        _git("-C", str(work), "add", "--all")
        _git("-C", str(work), *_IDENTITY, "commit", "--quiet", "--allow-empty", "-m", "release")
        _git("-C", str(work), "push", "--quiet", "origin", "HEAD:main")
        return _git("-C", str(work), "rev-parse", "HEAD").strip()

    def revert(self) -> None:
        """Take the last pushed commit back, as its author would."""
        work = str(self.root / "work")
        _git("-C", work, *_IDENTITY, "revert", "--no-edit", "HEAD")
        _git("-C", work, "push", "--quiet", "origin", "HEAD:main")

    def processes(self) -> list[int]:
        return [leftover.pid for leftover in leftovers(mark_of_state(self.state))]


def await_that(condition: Callable[[], Any], what: str = "the condition") -> Any:
    """Wait until ``condition`` holds, and return what it returned."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (found := condition()):
        if time.monotonic() > deadline:
            pytest.fail(f"{what} did not come true within {PATIENCE_SECONDS:g} s")
        time.sleep(0.05)
    return found


def answer(url: str) -> str:
    """What the service at ``url`` says."""
    return httpx.get(url, timeout=10, trust_env=False).text


def _git(*arguments: str) -> str:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    ran = subprocess.run(
        ["git", *arguments], check=True, capture_output=True, text=True, timeout=60, env=environment
    )
    return ran.stdout
