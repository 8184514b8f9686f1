"""A recap for people, and for machines."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from infra.playbooks.recap import Recap


def as_json(recap: Recap) -> str:
    """The recap as one JSON object."""
    content: Mapping[str, Any] = {**asdict(recap), "log": str(recap.log), "changed": recap.changed}
    return json.dumps(content, default=str)


def show(recap: Recap, console: Console) -> None:
    """One line a host, then what tasks told, then the differences that were asked for."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("host")
    for column in ("ok", "changed", "failed", "unreachable"):
        table.add_column(column, justify="right")
    for host in recap.hosts:
        table.add_row(
            escape(host.host), *(str(n) for n in (host.ok, host.changed, host.failed, host.unreachable))
        )
    console.print(table)
    for text in recap.told:
        console.print(escape(text))
    for host, task, diff in recap.diffs:
        console.print(f"\n[bold]{escape(host)}[/bold] {escape(task)}")
        console.print(escape(diff.rstrip()))
    console.print(
        f"[dim]{escape(recap.in_short())}; log {escape(str(recap.log))} ({recap.seconds:.1f} s)[/dim]"
    )
