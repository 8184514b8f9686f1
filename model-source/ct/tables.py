"""What a person sees at the end of a run: candidates, quality beside the baseline, verdicts."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ct.run import Run
from homeostat.release import Outcome

_MARK = {
    Outcome.PASSED: "[green]passed[/green]",
    Outcome.FAILED: "[red]refused[/red]",
    Outcome.NOT_APPLICABLE: "[dim]no basis[/dim]",
}


def print_run(run: Run, console: Console) -> None:
    """Print the three tables and where the candidate is recorded."""
    console.print(_candidates(run), _quality(run), _gates(run))
    result = run.result
    place = f"version {result.version}" if result.version is not None else "no version"
    console.print(f"{result.model}: {place}, MLflow run {result.run_id}", highlight=False)
    console.print(f"model SHA-256 {result.model_sha256}", highlight=False)


def _candidates(run: Run) -> Table:
    metric = run.trained.spec.metric.shown
    table = Table("candidate", f"{metric} in cross-validation", "chosen", title="Candidates")
    for score in run.trained.scores:
        mark = "yes" if score is run.trained.chosen else ""
        table.add_row(score.candidate.name, f"{score.mean:.3f} ± {score.standard_error:.3f}", mark)
    return table


def _quality(run: Run) -> Table:
    evaluation = run.trained.evaluation
    table = Table("metric", "value", "95% interval", "baseline", title="Quality on the test rows")
    for name, found in evaluation.metrics.items():
        table.add_row(
            name.shown,
            f"{found.value:.3f}",
            f"{found.low:.3f} to {found.high:.3f}",
            f"{evaluation.baseline[name]:.3f}",
        )
    return table


def _gates(run: Run) -> Table:
    table = Table("gate", "verdict", "why", title="Gates")
    for gate in run.trained.gates:
        table.add_row(gate.name, _MARK[gate.outcome], escape(gate.sentence))
    return table
