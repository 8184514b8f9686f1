"""Where delivery keeps its things below the platform's state folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from delivery.queue import Run


@dataclass(frozen=True, slots=True)
class RunFolder:
    """The folder of one run: kept for a while, so that a person can look back."""

    path: Path

    @property
    def log(self) -> Path:
        """What the stages printed, redacted."""
        return self.path / "log.txt"

    @property
    def checkout(self) -> Path:
        """The pushed commit's files; there only while the run works."""
        return self.path / "checkout"

    @property
    def results(self) -> Path:
        """What the stages hand to each other and their verdicts."""
        return self.path / "results"

    def marker(self, stage: str) -> Path:
        """Exists once the stage has ended."""
        return self.path / "stages" / f"{stage}.json"

    def verdict(self, stage: str) -> Path:
        """Where the stage itself says how it ended."""
        return self.results / f"{stage}.json"


@dataclass(frozen=True, slots=True)
class Layout:
    """Delivery's folders and files below ``state``."""

    state: Path

    @property
    def forge(self) -> Path:
        """The bare repository that is pushed to."""
        return self.state / "forge" / "homeostat.git"

    @property
    def queue(self) -> Path:
        """The queue of pushed commits."""
        return self.state / "queue" / "runs.sqlite"

    @property
    def runner_lock(self) -> Path:
        """Held by the one runner while it lives."""
        return self.state / "queue" / "runner.lock"

    @property
    def runs(self) -> Path:
        """The folders of the runs."""
        return self.state / "pipeline"

    @property
    def environments(self) -> Path:
        """Environments of commits whose lock differs from the platform's."""
        return self.state / "environments"

    @property
    def bentos(self) -> Path:
        """Packaged bentos by digest."""
        return self.state / "store" / "bentos"

    @property
    def cache(self) -> Path:
        """What may be deleted at any time."""
        return self.state / "cache"

    def run(self, run: Run) -> RunFolder:
        """The folder of ``run``."""
        return RunFolder(self.runs / run.name)
