"""The model card: what a person should know before trusting the model, in Markdown."""

from __future__ import annotations

from collections.abc import Iterator

from ct.trained import Trained
from homeostat.release import Outcome

_MARK = {Outcome.PASSED: "passed", Outcome.FAILED: "**refused**", Outcome.NOT_APPLICABLE: "not applicable"}


def model_card(trained: Trained) -> str:
    """The card of one candidate."""
    return "\n".join([*_identity(trained), *_quality(trained), *_verdicts(trained), *_limits(trained)]) + "\n"


def _identity(trained: Trained) -> Iterator[str]:
    spec = trained.spec
    classes = ", ".join(str(label) for label in spec.classes)
    yield f"# {spec.name}"
    yield ""
    yield f"A {spec.task.value} classifier ({trained.chosen.candidate.name}) that answers one of: {classes}."
    yield ""
    yield f"- model SHA-256: `{trained.model_sha256}`"
    yield f"- source commit: `{trained.source_commit}`" + (" with local changes" if trained.modified else "")
    yield f"- data SHA-256: `{trained.data_sha256}`, from `{spec.data.loader or spec.data.path}`"
    yield f"- rows: {len(trained.rows.train)} for training, {len(trained.rows.test)} for testing"
    shares = ", ".join(f"{label} {share:.1%}" for label, share in trained.prevalence.items())
    yield f"- training labels: {shares}"
    yield ""


def _quality(trained: Trained) -> Iterator[str]:
    evaluation = trained.evaluation
    yield "## Quality on the test rows"
    yield ""
    yield "| metric | candidate | 95% interval | always the training shares |"
    yield "|---|---|---|---|"
    for name, found in evaluation.metrics.items():
        yield (
            f"| {name.shown} | {found.value:.3f} | {found.low:.3f} to {found.high:.3f} "
            f"| {evaluation.baseline[name]:.3f} |"
        )
    yield ""
    for part in evaluation.slices:
        value = "not measurable" if part.value is None else f"{part.value:.3f}"
        yield f"- slice '{part.name}' ({part.rows} rows): {trained.spec.metric.shown} {value}"
    yield ""
    yield "| candidate in cross-validation | mean | standard error |"
    yield "|---|---|---|"
    for score in trained.scores:
        yield f"| {score.candidate.name} | {score.mean:.3f} | {score.standard_error:.3f} |"
    yield ""


def _verdicts(trained: Trained) -> Iterator[str]:
    yield "## Gates"
    yield ""
    for gate in trained.gates:
        yield f"- {gate.name}, {_MARK[gate.outcome]}: {gate.sentence}"
    yield ""


def _limits(trained: Trained) -> Iterator[str]:
    yield "## Inputs and limits"
    yield ""
    for feature in trained.spec.features:
        low = "unbounded" if feature.min is None else f"{feature.min:g}"
        high = "unbounded" if feature.max is None else f"{feature.max:g}"
        missing = ", may be missing" if feature.nullable else ""
        weight = trained.importance.get(feature.name, 0.0)
        yield f"- `{feature.name}`: {low} to {high}{missing}; shuffling it costs {weight:.3f}"
    yield ""
    yield "Values out of range are answered and counted; of quality there only the robustness gate knows."
