"""The model card: what a person should know before trusting the model, in Markdown."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ct.training.trained import Trained
from homeostat.release import Outcome
from serving.bundle import MissingValues, OutOfRange, Task

_MARK = {Outcome.PASSED: "passed", Outcome.FAILED: "REFUSED", Outcome.NOT_APPLICABLE: "not applicable"}

_MISSING = {
    MissingValues.REFUSE: "a request with one is refused.",
    MissingValues.ACCEPT: "answered where the feature may be missing.",
}
_OUT = {
    OutOfRange.CLIP: "counted, and taken for the nearest end of the range.",
    OutOfRange.MISSING: "counted, and taken for missing.",
}


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
    if trained.about:
        yield trained.about
        yield ""
    yield "## Where it comes from"
    yield ""
    yield f"- model SHA-256: `{trained.model_sha256}`"
    yield f"- source commit: `{trained.source_commit}`" + (" with local changes" if trained.modified else "")
    yield f"- data SHA-256: `{trained.data_sha256}`, from `{spec.data.loader or spec.data.path}`"
    yield f"- engine: {_engine(trained)}"
    for use, side in (("training", trained.rows.train), ("testing", trained.rows.test)):
        distinct = len(np.unique(side.groups))
        yield f"- for {use}: {len(side)} rows, {distinct} of them with distinct features"
    shares = ", ".join(f"{label} {share:.1%}" for label, share in trained.prevalence.items())
    yield f"- training labels: {shares}"
    yield ""


def _engine(trained: Trained) -> str:
    found = trained.engine.largest_difference
    measured = "" if found is None or not np.isfinite(found) else f" (largest difference {found:.1e})"
    return f"{trained.engine.choice.why}{measured}."


def _quality(trained: Trained) -> Iterator[str]:
    evaluation = trained.evaluation
    yield "## Quality on the test rows"
    yield ""
    yield "Intervals are bootstrapped over rows with distinct features, since equal rows prove nothing new."
    yield ""
    yield "| metric | candidate | 95% interval | baseline: always the training shares |"
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
    yield f"| candidate | {trained.spec.metric.shown} in cross-validation | standard error |"
    yield "|---|---|---|"
    for score in trained.scores:
        yield f"| {score.candidate.name} | {score.mean:.3f} | {score.standard_error:.3f} |"
    yield ""


def _verdicts(trained: Trained) -> Iterator[str]:
    yield "## Gates"
    yield ""
    for gate in trained.gates:
        yield f"- **{gate.name}** {_MARK[gate.outcome]}: {gate.sentence}"
    yield ""


def _limits(trained: Trained) -> Iterator[str]:
    yield "## Inputs and limits"
    yield ""
    for feature in trained.spec.features:
        low = "unbounded" if feature.min is None else f"{feature.min:g}"
        high = "unbounded" if feature.max is None else f"{feature.max:g}"
        missing = ", may be missing" if feature.nullable else ""
        private = ", private: never captured" if feature.private else ""
        weight = trained.importance.get(feature.name, 0.0)
        yield f"- `{feature.name}`: {low} to {high}{missing}{private}; shuffling it costs {weight:.3f}"
    yield ""
    serving = trained.spec.serving
    if trained.spec.task is Task.BINARY:
        yield f"{trained.spec.classes[1]} is answered from a probability of {serving.threshold:g} on."
    yield f"Missing values: {_MISSING[serving.missing_values]}"
    yield f"Values out of range: {_OUT[serving.out_of_range]}"
    yield "Of quality with such values only the robustness gate knows."
