"""``homeostat triage evaluate``: run, show, and hold against the targets."""

from __future__ import annotations

import json
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from homeostat import atomic
from homeostat.errors import Refused
from triage.evaluation.running import Evaluation, evaluate
from triage.evaluation.scenario import Scenario, scenarios
from triage.evaluation.showing import as_json as to_json
from triage.evaluation.showing import markdown, tables
from triage.evaluation.targets import missed


def evaluated(root: Path, write: Path | None, *, as_json: bool) -> None:
    """Print the figures of all scenarios below ``root``.

    Raises:
        ConfigError: when there is none, or one is not of the form.
        Refused: when a target is missed, with a sentence for each.
    """
    evaluation = _run(root)
    console = Console()
    if as_json:
        console.out(json.dumps(to_json(evaluation), indent=2), highlight=False)
    else:
        console.print(tables(evaluation))
    if write is not None:
        atomic.write_text(write, markdown(evaluation))
    if told := missed(evaluation.scores):
        raise Refused(" ".join(told))


def _run(root: Path) -> Evaluation:
    found = scenarios(root)
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("diagnosing", total=len(found))

        def begins(scenario: Scenario) -> None:
            progress.update(task, advance=1, description=scenario.name)

        return evaluate(found, begins)
