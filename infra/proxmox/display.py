"""What people see: plans, the progress of each machine, and what came of it."""

from __future__ import annotations

import threading
from collections.abc import Generator
from contextlib import contextmanager

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from infra.proxmox.apply.apply import Tell
from infra.proxmox.apply.outcome import Outcome
from infra.proxmox.drift.check import Report
from infra.proxmox.plan.actions import Kind, Plan
from infra.proxmox.plan.rendering import lines

_WISHES = {
    Kind.RESTART: "takes effect at its next restart, or now with --restart",
    Kind.REMOVE: "is no longer in the file and stays; --remove removes it",
}


def console() -> Console:
    """Where people read; off a terminal without colours, and wide enough not to break names."""
    found = Console(highlight=False, soft_wrap=True)
    return found if found.is_terminal else Console(highlight=False, soft_wrap=True, width=160)


def show_plan(plan: Plan, shown: Console) -> None:
    """The plan, line by line."""
    for line in lines(plan):
        shown.print(Text(line.text, style=line.style))


@contextmanager
def progress(shown: Console) -> Generator[Tell]:
    """One moving line a machine on a terminal, and one line for each thing said elsewhere."""
    if not shown.is_terminal:
        yield lambda name, text: shown.print(Text(f"{name}: {text}" if name else text))
        return
    now: dict[str, str] = {}
    lock = threading.Lock()
    with Live(console=shown, refresh_per_second=8) as live:

        def tell(name: str, text: str) -> None:
            with lock:
                now[name] = text
                live.update(_rows(now))

        yield tell


def _rows(now: dict[str, str]) -> Table:
    table = Table.grid(padding=(0, 2))
    for name, text in now.items():
        table.add_row(Text(name, style="bold"), Text(text.splitlines()[0] if text else ""))
    return table


def show_outcome(outcome: Outcome, shown: Console) -> None:
    """What is left and what failed, after all that was done."""
    for action in outcome.left:
        why = _WISHES.get(action.kind, "was not done; the next apply goes on")
        fields = ", ".join(change.field for change in action.changes)
        what = f"{action.kind} ({fields})" if action.kind is Kind.RESTART else action.kind
        shown.print(Text(f"left    {action.name}: {what}: {why}", style="yellow"))
    for name, failure in outcome.failures.items():
        shown.print(Text(f"failed  {name}: {failure}", style="red"))
    failed = f", {len(outcome.failures)} machines failed" if outcome.failures else ""
    shown.print(f"{len(outcome.done)} things done{failed}.")


def show_drift(report: Report, shown: Console) -> None:
    """Each difference, and since when it is there."""
    for drift in report.drifts:
        one = drift.difference
        found, wanted = one.found or "nothing", one.wanted or "nothing"
        shown.print(
            Text(
                f"{one.name} ({one.vmid}): {one.field} is {found}, cluster.yaml says {wanted}", style="yellow"
            )
        )
        shown.print(Text(f"    {drift.since}"))
        if drift.by:
            shown.print(Text(f"    {drift.by}"))
    if not report.drifts:
        shown.print(f"Nothing differs: the machines of cluster {report.cluster} are as cluster.yaml says.")
