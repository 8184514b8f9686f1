"""A small platform: real git, a real forge with its hook, real stage processes, and no model in sight."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from delivery import runner_lock
from delivery.layout import Layout
from delivery.pipeline import Pipeline
from delivery.queue import Queue, Run
from delivery.runner import Runner
from homeostat import digest
from homeostat.release import GateResult, Outcome, Release

TEMPLATE = Path(__file__).parent / "scratch_repository"


def until(true: Callable[[], object], seconds: float = 30) -> None:
    """Wait for a condition."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "the condition did not come true in time"
        time.sleep(0.02)


def git(folder: Path, *arguments: str, **environment: str) -> str:
    """Git as a developer would use it, with an identity of the test's own."""
    done = subprocess.run(
        ["git", "-c", "user.name=Dev", "-c", "user.email=dev@example.invalid", *arguments],
        cwd=folder,
        env=developer() | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def developer() -> dict[str, str]:
    """An environment without the tester's git configuration."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "HOMEOSTAT_"))}
    return kept | {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}


def a_release(model: str = "toy", version: int = 1, **changes: object) -> Release:
    """A release that passed one gate."""
    gate = GateResult(name="auc", outcome=Outcome.PASSED, value=0.9, bound=0.8, sentence="AUC is 0.9.")
    fields: dict[str, object] = {
        "model": model,
        "version": version,
        "model_sha256": digest.of_bytes(b"model"),
        "bento_digest": digest.of_bytes(b"bento"),
        "run_id": "a" * 32,
        "data_sha256": digest.of_bytes(b"data"),
        "inputs_digest": digest.of_bytes(b"inputs %d" % version),
        "source_commit": "c" * 40,
        "gates": (gate,),
    }
    return Release.model_validate(fields | changes)


@dataclass
class Platform:
    """A repository, the forge beside it, and runners that can be killed."""

    root: Path
    state: Path
    runners: list[subprocess.Popen[str]] = field(default_factory=list)

    @property
    def layout(self) -> Layout:
        return Layout(self.state)

    @property
    def queue(self) -> Queue:
        return Queue(self.layout.queue)

    @property
    def forge(self) -> Path:
        return self.layout.forge

    def commit(self, path: str = "model-source/toy/train.py", text: str = "") -> str:
        """Change a file of the repository."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text or f"# {os.urandom(8).hex()}\n")
        git(self.root, "add", "--all")
        git(self.root, "commit", "--quiet", "-m", f"Change {path}")
        return git(self.root, "rev-parse", "HEAD")

    def push(self, folder: Path | None = None, ref: str = "main", **environment: str) -> str:
        """Push HEAD to the forge; returns what the pusher sees."""
        done = subprocess.run(
            ["git", "push", str(self.forge), f"HEAD:refs/heads/{ref}"],
            cwd=folder or self.root,
            env=developer() | environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stderr

    def start_runner(self, *arguments: str) -> subprocess.Popen[str]:
        """A runner in a process of its own."""
        environment = developer() | {"HOMEOSTAT_ROOT": str(self.root), "HOMEOSTAT_STATE": str(self.state)}
        runner = subprocess.Popen(
            [sys.executable, "-m", "homeostat", "delivery", "run", *arguments],
            cwd=self.root,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.runners.append(runner)
        return runner

    def submit(self) -> None:
        """Put HEAD on the forge's main as a push would whose hook was cut off: the runner finds it."""
        git(self.forge, "fetch", "--quiet", "--update-shallow", str(self.root), "HEAD:main")

    def drain(self) -> None:
        """Run until nothing waits, in this process."""
        pipeline = Pipeline(self.layout, self.root)
        with runner_lock.held_patiently(self.layout.runner_lock) as free:
            assert free
            Runner(self.layout, self.root, self.queue, pipeline).drain()

    def run_of(self, commit: str) -> Run:
        """The run of a commit."""
        return next(run for run in self.queue.recent() if run.commit == commit)

    def runner_works(self) -> bool:
        """Whether some runner holds the lock."""
        return runner_lock.is_held(self.layout.runner_lock)

    def hold(self, where: str) -> Path:
        """Make the stages stop at a place until the file is gone; they touch ``<file>.reached``."""
        file = self.state / f"hold-{where}"
        file.touch()
        return file

    def times(self, stage: str) -> int:
        """How often a stage was begun."""
        file = self.state / f"began-{stage}"
        return len(file.read_text().splitlines()) if file.exists() else 0

    def hand_offs(self) -> list[str]:
        """The bot's commits on the forge's main."""
        listed = git(self.forge, "log", "--author=homeostat-bot", "--format=%H", "main")
        return listed.splitlines()
