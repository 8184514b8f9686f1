"""What the forge's hook does with a push: queue it first, then show it.

The queue is written before anything is shown, so a pusher who hangs up loses the view, not the run.
"""

from __future__ import annotations

import re
import shlex
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from delivery import runner_lock
from delivery.git import BRANCH, ZEROS, Git
from delivery.layout import Layout
from delivery.queue import Queue, Run, RunState
from delivery.run_log import follow
from delivery.runner import accept

_MAIN = f"refs/heads/{BRANCH}"
#: make's own word on a stage that failed, which says less than the stage did; it stays in the run's log
_OF_MAKE = re.compile(r"make(\[\d+\])?: \*\*\* ")
#: a supervisor restarts a runner that died well within this time
PATIENCE_SECONDS = 20.0

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class RefUpdate:
    """One line that git gives to a post-receive hook."""

    old: str
    new: str
    ref: str


def parse_updates(lines: Iterable[str]) -> list[RefUpdate]:
    """The updates in a hook's standard input."""
    return [RefUpdate(*line.split(" ", 2)) for line in (line.strip() for line in lines) if line]


@dataclass(frozen=True, slots=True)
class Reception:
    """Receives pushes to the forge of one platform."""

    layout: Layout
    queue: Queue
    say: Say
    patience_seconds: float = PATIENCE_SECONDS

    def receive(self, updates: Iterable[RefUpdate]) -> Run | None:
        """Queue what was pushed to main and show its run until it ends; other branches are only kept."""
        shown: Run | None = None
        for update in updates:
            if update.ref == _MAIN:
                shown = self._main(update)
            else:
                became = "removed" if update.new == ZEROS else "kept"
                self.say(f"{update.ref.removeprefix('refs/heads/')} is {became}; only {BRANCH} is built.")
        return shown

    def _main(self, update: RefUpdate) -> Run:
        previous = None if update.old == ZEROS else update.old
        run = accept(self.queue, Git(self.layout.forge), update.new, previous)
        if run.state is RunState.RELEASES_ONLY:
            self.say("only releases changed: deploying, no pipeline.")
            self._await_releases(update)
        elif not runner_lock.is_held(self.layout.runner_lock):
            self.say(f"queued as run {run.number}; the platform is not running, so it runs once that is up.")
        else:
            self._show(run)
        return run

    def _await_releases(self, update: RefUpdate) -> None:
        from delivery.places.chosen import place_of  # noqa: PLC0415 - asking endpoints takes time
        from delivery.pushed_releases import await_releases  # noqa: PLC0415 - to import; most pushes don't

        place = place_of(self.layout.state)
        await_releases(Git(self.layout.forge), update.old, update.new, place, self.say)

    def _show(self, run: Run) -> None:
        if ahead := self.queue.ahead_of(run.number):
            self.say(f"queued as run {run.number} behind {ahead} other{'s' if ahead > 1 else ''}.")
        absent = _Absence(self.layout, self.patience_seconds)
        for line in follow(self.layout.run(run).log, lambda: self._ended(run) or absent.lasts()):
            if not _OF_MAKE.match(line):
                self.say(line)
        self._tell(self.queue.get(run.number))

    def _tell(self, run: Run) -> None:
        if not run.state.ended:
            self.say(f"the runner stopped; run {run.number} goes on when the platform is up again.")
            return
        if Git(self.layout.forge).commit_of(_MAIN) != run.commit:
            pull = f"git pull {shlex.quote(str(self.layout.forge))} {BRANCH}"
            self.say(f"main has moved on by a hand-off: run '{pull}' before you go on.")
        if run.state in (RunState.REFUSED, RunState.FAILED):
            self.say("what was served before still serves.")
        if run.state is RunState.FAILED:
            self.say(f"to try it again without a push: homeostat delivery retry {run.commit[:12]}")
        self.say(f"{run.state}: {run.sentence}")

    def _ended(self, run: Run) -> bool:
        return self.queue.get(run.number).state.ended


class _Absence:
    """Whether the runner has been gone for longer than a restart takes."""

    def __init__(self, layout: Layout, patience_seconds: float) -> None:
        self._lock = layout.runner_lock
        self._patience = patience_seconds
        self._seen = time.monotonic()

    def lasts(self) -> bool:
        if runner_lock.is_held(self._lock):
            self._seen = time.monotonic()
        return time.monotonic() - self._seen > self._patience
