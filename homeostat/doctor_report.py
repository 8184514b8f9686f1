"""What the doctor found, as a table for people and as data for machines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from homeostat.doctor import Examined, Level

_STYLE: Mapping[Level, str] = {
    Level.OK: "green",
    Level.WARNING: "yellow",
    Level.FAILED: "red",
    Level.SKIPPED: "dim",
}
#: off a terminal rich takes 80 columns, which would break paths and reasons
_COLUMNS_OFF_TERMINAL = 200


def as_data(findings: Sequence[Examined]) -> Sequence[Mapping[str, str]]:
    """Each finding as a mapping of its name, level, sentence and remedy."""
    return [
        {
            "name": one.name,
            "level": one.finding.level.value,
            "sentence": one.finding.sentence,
            "remedy": one.finding.remedy,
        }
        for one in findings
    ]


def show(findings: Sequence[Examined]) -> None:
    """Print a line for each finding, its remedy under it, and how many there are of each level."""
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=_COLUMNS_OFF_TERMINAL)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("checkup", "level", "finding"):
        table.add_column(column, overflow="fold")
    for one in findings:
        style = _STYLE[one.finding.level]
        table.add_row(escape(one.name), f"[{style}]{one.finding.level.value}[/{style}]", _told(one))
    console.print(table)
    counts = Counter(one.finding.level for one in findings)
    console.print("\n" + ", ".join(f"{counts[level]} {level.value}" for level in Level if counts[level]))


def _told(one: Examined) -> str:
    remedy = f"\n-> {escape(one.finding.remedy)}" if one.finding.remedy else ""
    return escape(one.finding.sentence) + remedy
