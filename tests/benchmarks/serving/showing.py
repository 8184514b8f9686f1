"""What a person sees while it runs: a bar with the time left, and a line for whatever goes wrong."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from tests.benchmarks.serving.results import Cell, Sample


class Showing:
    """A progress bar over ``total`` measurements; lines when there is no terminal."""

    def __init__(self, console: Console, total: int) -> None:
        self._console = console
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        self._progress = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
        self._task = self._progress.add_task("preparing", total=total)

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def starting(self, server: str, model: str) -> None:
        """A server is being started."""
        self._describe(f"starting {server} ({model})")

    def at(self, server: str, cell: Cell, round_number: int) -> None:
        """A measurement begins."""
        rate = f"{cell.rate:g}/s" if cell.rate else f"{cell.connections} connections"
        self._describe(f"round {round_number}: {server}, {cell.model}, {cell.wire}, {cell.rows} rows, {rate}")

    def measured(self, sample: Sample) -> None:
        """It ended."""
        self._progress.advance(self._task)
        if sample.errors:
            self.say(f"void: {sample.server} answered {sample.errors}")
        elif not self._console.is_terminal and sample.p99_seconds is not None:
            self.say(f"    {sample.requests_per_second:.0f}/s, p99 {sample.p99_seconds * 1000:.1f} ms")

    def absent(self, server: str, model: str, reason: str) -> None:
        """A server can't take part."""
        self.say(f"left out: {server} ({model}): {reason}")

    def say(self, text: str) -> None:
        """A line above the bar."""
        self._progress.console.print(escape(text), highlight=False, soft_wrap=True)

    def _describe(self, text: str) -> None:
        self._progress.update(self._task, description=text)
        if not self._console.is_terminal:
            self.say(f"... {text}")
