"""The end of the story: what happened and where to look, for people and for programs."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from demo.scene import MODEL
from demo.story import Outcome


def print_summary(outcome: Outcome, console: Console, seconds: float) -> None:
    """Tell a person what happened and where to look."""
    table = Table(title=f"The whole story took {seconds:.0f} s", title_justify="left", show_header=False)
    table.add_column(style="bold")
    table.add_column(overflow="fold")
    for name, value in _facts(outcome).items():
        table.add_row(name, escape(value))
    console.print(table)
    console.print("Lineage of the served model, as 'homeostat lineage' prints it:")
    console.print(escape(outcome.lineage), highlight=False, soft_wrap=True)
    state = shlex.quote(_seen_from(outcome.platform.root, outcome.platform.state))
    console.print("Everything is stopped. To look around, and to stop it again:", soft_wrap=True)
    console.print(f"  make up STATE={state}", soft_wrap=True)
    console.print(f"  make down STATE={state}", soft_wrap=True)


def to_json(outcome: Outcome, seconds: float) -> str:
    """The same for a program."""
    document: dict[str, Any] = {
        "seconds": round(seconds, 1),
        "model": MODEL,
        "release": outcome.release.model_dump(mode="json"),
        "predictions": list(outcome.predictions.v2),
        "refusal": outcome.refusal.sentence,
        "still_serving_version": outcome.refusal.serving_version,
        "p95_seconds": outcome.p95_seconds,
        "incident": outcome.incident.id,
        "incident_status": outcome.incident.status,
        "causes": list(outcome.incident.causes),
        "report": str(outcome.report),
        "requests_answered": outcome.traffic.answered,
        "requests_failed": outcome.traffic.failed,
        "urls": {service.name: service.url for service in outcome.platform.services if service.url},
    }
    return json.dumps(document, indent=2)


def _seen_from(root: Path, path: Path) -> str:
    return str(path.relative_to(root)) if path.is_relative_to(root) else str(path)


def _facts(outcome: Outcome) -> dict[str, str]:
    urls = "\n".join(
        f"{service.name:<24} {service.url}" for service in outcome.platform.services if service.url
    )
    programs = "\n".join(f"{program.name} {program.version}" for program in outcome.platform.programs)
    return {
        "served": f"{MODEL} version {outcome.release.version}, sha256 {outcome.release.model_sha256[:12]}",
        "refused": outcome.refusal.sentence,
        "broken": f"p95 {outcome.p95_seconds * 1000:.0f} ms",
        "diagnosed": outcome.incident.causes[0],
        "requests": f"{outcome.traffic.answered} answered, {outcome.traffic.failed} failed",
        "report": _seen_from(outcome.platform.root, outcome.report),
        "URLs while it ran": urls,
        "programs": programs,
    }
