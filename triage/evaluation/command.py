"""``homeostat triage evaluate``: run, show, and hold against the targets."""

from __future__ import annotations

import json
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from homeostat import atomic
from homeostat.errors import Refused
from triage.evaluation.readers import judged
from triage.evaluation.running import Evaluation, evaluate
from triage.evaluation.scenario import Scenario, scenarios
from triage.evaluation.showing import as_json as to_json
from triage.evaluation.showing import markdown, tables
from triage.evaluation.targets import missed
from triage.reading import feedback


def evaluated(root: Path, write: Path | None, url: str | None, *, as_json: bool) -> None:
    """Print the figures of all scenarios below ``root``, beside what readers said of the reports at ``url``.

    Raises:
        ConfigError: when there is none, or one is not of the form.
        HomeostatError: when the readers' feedback can't be read.
        Refused: when a target is missed, with a sentence for each.
    """
    readers = judged(feedback(url))
    evaluation = _run(root)
    console = Console()
    if as_json:
        console.out(json.dumps(to_json(evaluation, readers), indent=2), highlight=False)
    else:
        console.print(tables(evaluation, readers))
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
