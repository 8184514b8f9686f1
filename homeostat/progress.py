"""Progress on anything that takes more than a moment: one line a step, with its time beside it."""

from __future__ import annotations

import time
from collections.abc import Generator
from contextlib import contextmanager, nullcontext

from rich.console import Console
from rich.markup import escape
from rich.status import Status


class Step:
    """A running step: say what it is doing, or leave a note that stands under it when it is done."""

    def __init__(self, console: Console, title: str, status: Status) -> None:
        self._console = console
        self._title = title
        self._status = status

    def doing(self, what: str) -> None:
        """Show ``what`` beside the title while the step runs."""
        self._status.update(f"{escape(self._title)} [dim]{escape(what)}[/dim]")

    def note(self, text: str) -> None:
        """Print ``text`` under the step, above the moving line."""
        self._console.print(f"    {escape(text)}", highlight=False, soft_wrap=True)


@contextmanager
def step(console: Console, title: str) -> Generator[Step]:
    """Show ``title`` while the block runs, then a tick or a cross and the seconds that it took."""
    status = console.status(escape(title))
    began = time.monotonic()
    if not console.is_terminal:
        console.print(f"... {escape(title)}", highlight=False, soft_wrap=True)
    try:
        with status if console.is_terminal else nullcontext():
            yield Step(console, title, status)
    except BaseException:
        console.print(_line("[red]x[/red]", title, began), highlight=False, soft_wrap=True)
        raise
    console.print(_line("[green]ok[/green]", title, began), highlight=False, soft_wrap=True)


def _line(mark: str, title: str, began: float) -> str:
    return f"{mark} {escape(title)} [dim]({time.monotonic() - began:.1f} s)[/dim]"
