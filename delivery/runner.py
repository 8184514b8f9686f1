"""The runner: works the queue, one commit at a time, and takes up what a crash left."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Never

from delivery.changes import only_releases
from delivery.forge import ensure_forge, tip
from delivery.git import Git
from delivery.layout import Layout
from delivery.pipeline import Order, Runs, keep_newest
from delivery.queue import MOST_ATTEMPTS, Queue, Run, RunState
from delivery.stages import StageOutcome, Verdict
from homeostat.errors import HomeostatError

#: run folders that are kept for people to look back
KEPT_RUNS = 20
_ENDS = {
    StageOutcome.PASSED: RunState.SUCCEEDED,
    StageOutcome.SKIPPED: RunState.SUCCEEDED,
    StageOutcome.REFUSED: RunState.REFUSED,
    StageOutcome.FAILED: RunState.FAILED,
}


@dataclass(frozen=True, slots=True)
class Runner:
    """One platform's runner; who makes it holds the runner's lock."""

    layout: Layout
    root: Path
    queue: Queue
    pipeline: Runs

    def work(self) -> Run | None:
        """Run the next commit to its end; None when nothing waits."""
        run = self.queue.claim()
        if run is None:
            return None
        verdict = self._attempt(run)
        self.queue.finish(run.number, _ENDS[verdict.outcome], verdict.sentence)
        keep_newest(self.layout.runs, KEPT_RUNS, spared=self._unfinished)
        return self.queue.get(run.number)

    def catch_up(self) -> None:
        """Queue what a push left on the branch when its hook was cut off before it could."""
        git = Git(self.layout.forge)
        commit = tip(git)
        if commit and not self.queue.knows(commit):
            latest = self.queue.latest()
            accept(self.queue, git, commit, latest.commit if latest else None)

    def drain(self) -> list[Run]:
        """Make the forge, take up what was left, and work until nothing waits; return what ended."""
        ensure_forge(self.layout.forge, self.root, self.layout.state)
        self.catch_up()
        return list(iter(self.work, None))

    def serve(self, pause_seconds: float = 0.5) -> Never:
        """Work the queue until the process ends."""
        looks_between_catching_up = 20
        while True:
            self.drain()
            for _ in range(looks_between_catching_up):
                time.sleep(pause_seconds)
                self.work()

    def _attempt(self, run: Run) -> Verdict:
        if run.attempts > MOST_ATTEMPTS:
            sentence = f"the runner died {run.attempts - 1} times in this run, so it is given up."
            return Verdict(outcome=StageOutcome.FAILED, sentence=sentence)
        try:
            return self.pipeline.run(Order(run.name, run.commit, self._base(run)))
        except (HomeostatError, OSError) as error:
            return Verdict(outcome=StageOutcome.FAILED, sentence=f"{error}")

    def _base(self, run: Run) -> str | None:
        """What checks compare with: the last commit that passed, so no refused change slips by.

        Before any has passed, that is what the push shares with the commit that the platform runs from. Who
        works in the platform's own clone has moved that along, and is compared with what was cloned or, where
        nothing was, with the commit before.
        """
        platform = Git(self.root)
        if passed := self.queue.last_succeeded():
            return self._shared(platform, passed.commit, run.commit)
        running = self._shared(platform, platform.commit_of("HEAD"), run.commit)
        if running != run.commit:
            return running
        cloned = self._shared(platform, platform.commit_of("refs/remotes/origin/HEAD"), run.commit)
        return cloned or Git(self.layout.forge).commit_of(f"{run.commit}^")

    def _shared(self, platform: Git, trusted: str | None, commit: str) -> str | None:
        if trusted is None:
            return None
        objects = self.root / platform("rev-parse", "--git-path", "objects")
        seeing_both = Git(self.layout.forge, {"GIT_ALTERNATE_OBJECT_DIRECTORIES": str(objects)})
        return seeing_both.attempt("merge-base", trusted, commit).stdout.strip() or None

    def _unfinished(self, name: str) -> bool:
        return any(run.name == name and not run.state.ended for run in self.queue.recent(1000))


def accept(queue: Queue, git: Git, commit: str, previous: str | None) -> Run:
    """Take a commit that is on the branch into the queue; one that only changes releases runs nothing."""
    if previous and git.commit_of(previous) and only_releases(git.paths_changed(previous, commit)):
        return queue.add(commit, previous, RunState.RELEASES_ONLY)
    return queue.add(commit, previous)
