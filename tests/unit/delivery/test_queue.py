"""The queue never loses or doubles a commit, whatever order things happen in."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from delivery.errors import NoSuchRun
from delivery.queue import Queue, RunState

ENDS = (RunState.SUCCEEDED, RunState.REFUSED, RunState.FAILED)


class QueueBehaves(RuleBasedStateMachine):
    """A model: the commits in the order of their acceptance, and how each ended."""

    def __init__(self) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory()
        self._path = Path(self._folder.name) / "runs.sqlite"
        self.queue = Queue(self._path)
        self.accepted: list[str] = []
        self.ended: dict[str, RunState] = {}
        self.working: str | None = None

    @rule(number=st.integers(0, 12))
    def push(self, number: int) -> None:
        commit = f"{number:040x}"
        self.queue.add(commit, None)
        if commit not in self.accepted:
            self.accepted.append(commit)

    @rule()
    def claim(self) -> None:
        run = self.queue.claim()
        waiting = [commit for commit in self.accepted if commit not in self.ended]
        expected = self.working or (waiting[0] if waiting else None)
        assert (run.commit if run else None) == expected
        self.working = expected

    @precondition(lambda self: self.working)
    @rule(end=st.sampled_from(ENDS))
    def finish(self, end: RunState) -> None:
        assert self.working
        run = next(run for run in self.queue.recent(100) if run.commit == self.working)
        self.queue.finish(run.number, end, "so it ended.")
        self.ended[self.working] = end
        self.working = None

    @rule()
    def crash(self) -> None:
        self.queue = Queue(self._path)

    @precondition(lambda self: not self.working)
    @rule()
    def retry(self) -> None:
        again = [commit for commit, end in self.ended.items() if end is not RunState.SUCCEEDED]
        if again:
            self.queue.retry(again[0], lambda run: None)
            del self.ended[again[0]]

    @invariant()
    def nothing_is_lost_or_doubled(self) -> None:
        runs = self.queue.recent(100)
        assert [run.commit for run in reversed(runs)] == self.accepted
        assert {run.commit: run.state for run in runs if run.state.ended} == self.ended

    def teardown(self) -> None:
        self._folder.cleanup()


TestQueueBehaves = QueueBehaves.TestCase
TestQueueBehaves.settings = settings(max_examples=15, stateful_step_count=12, deadline=None)


@settings(max_examples=10)
@given(st.lists(st.integers(0, 5), min_size=1, max_size=8))
def test_runs_are_claimed_in_the_order_of_the_pushes(numbers: list[int]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        queue = Queue(Path(folder) / "runs.sqlite")
        for number in numbers:
            queue.add(str(number), None)
        claimed: list[str] = []
        while run := queue.claim():
            claimed.append(run.commit)
            queue.finish(run.number, RunState.SUCCEEDED, "")

    assert claimed == list(dict.fromkeys(map(str, numbers)))


def test_a_commit_that_succeeded_can_not_be_tried_again(tmp_path: Path) -> None:
    queue = Queue(tmp_path / "runs.sqlite")
    run = queue.add("a" * 40, None)
    queue.finish(run.number, RunState.SUCCEEDED, "")

    with pytest.raises(NoSuchRun, match="no refused or failed run"):
        queue.retry("a" * 40, lambda run: None)
