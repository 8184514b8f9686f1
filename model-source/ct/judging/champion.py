"""The served version, beside which a candidate is judged on the same rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ct.arrays import Floats, Indices
from ct.data.dataset import Dataset
from ct.data.split import is_tested
from ct.errors import Incomparable
from ct.judging.bootstrap import interval, replicates
from ct.judging.decision import ask, decide
from ct.judging.metrics import METRICS
from ct.judging.training_record import TrainingRecord
from ct.spec import ModelSpec
from lifecycle.gates.evidence import Comparison
from serving.bundle import Bundle
from serving.engines.native.plain import Plain

#: fewer rows that are new to both tell less than all rows that are new to the candidate
FEWEST_ROWS = 50


@dataclass(frozen=True, slots=True)
class Champion:
    """A version that git says is deployed, its bytes verified."""

    version: int
    bundle: Bundle
    training: TrainingRecord


def check_comparable(champion: Champion, spec: ModelSpec) -> None:
    """Make sure, before anything is trained, that both answer the same question.

    Raises:
        Incomparable: when the champion knows other classes.
    """
    classes = champion.bundle.manifest.classes
    if set(classes) != set(spec.classes):
        raise Incomparable(
            f"Version {champion.version} of {spec.name} answers {list(classes)}, but model.yaml lists "
            f"{list(spec.classes)}: a model with other classes is another model and needs its own name."
        )


def compare(
    champion: Champion, probabilities: Floats, predicted: Indices, test: Dataset, spec: ModelSpec
) -> Comparison:
    """Let the champion answer the same rows, and tell where it differs and whether it is better.

    Raises:
        Incomparable: when the champion can't answer them.
    """
    rows, caveat = _rows_to_compare(champion, test, spec)
    test, probabilities, predicted = test.take(rows), probabilities[rows], predicted[rows]
    theirs, their_choice = _answers(champion, test, spec)
    metric = METRICS[spec.metric]

    def difference(weights: Floats) -> Floats:
        mine = metric(test.y, probabilities, predicted, weights)
        return mine - metric(test.y, theirs, their_choice, weights)

    drawn = np.concatenate([difference(weights) for weights in replicates(test, spec.split.seed)])
    value = float(difference(np.ones((1, len(test))))[0])
    return Comparison(
        version=champion.version,
        rows=len(test),
        difference=interval(value, drawn),
        disagreement=float((predicted != their_choice).mean()),
        prevalence=champion.training.prevalence,
        caveat=caveat,
    )


def _rows_to_compare(champion: Champion, test: Dataset, spec: ModelSpec) -> tuple[npt.NDArray[np.bool_], str]:
    """The test rows that the champion was not trained on, or all of them with a sentence that says why.

    Another seed, or another set of features, sends rows to other sides than in the champion's day. Its own
    side is a matter of its features and its split, so it can be told again.
    """
    everything = np.ones(len(test), dtype=bool)
    version = f"Version {champion.version}"
    if absent := [n for n in champion.bundle.manifest.feature_names if n not in spec.feature_names]:
        return everything, f"{version} was judged without {', '.join(absent)}, which model.yaml has no more."
    held_out = spec.data.test.sha256 if spec.data.test else None
    if champion.training.held_out_sha256 is not None:
        if champion.training.held_out_sha256 == held_out:
            return everything, ""
        return everything, f"{version} may know some of these rows from its training, which flatters it."
    unseen = is_tested(_as_champion_reads(champion, test, spec), champion.training.split)
    if unseen.sum() >= min(FEWEST_ROWS, len(test)) and len(np.unique(test.y[unseen])) == len(spec.classes):
        return unseen, ""
    return (
        everything,
        f"{version} knows {(~unseen).sum()} of these rows from its training, which flatters it.",
    )


def _answers(champion: Champion, test: Dataset, spec: ModelSpec) -> tuple[Floats, Indices]:
    """The champion's probabilities and choices, with classes in the candidate's order."""
    manifest = champion.bundle.manifest
    try:
        engine = Plain(champion.bundle.estimator)
        probabilities = ask(engine, _as_champion_reads(champion, test, spec), manifest)
    except Exception as error:  # whatever a fitted estimator raises over rows that it was not made for
        raise Incomparable(
            f"Version {champion.version} of {spec.name} can't answer the test rows "
            f"({type(error).__name__}: {error}), so no candidate can be compared with it."
        ) from error
    order = [manifest.classes.index(label) for label in spec.classes]
    choice = np.argsort(order)[decide(probabilities, manifest)].astype(np.int64)
    return probabilities[:, order], choice


def _as_champion_reads(champion: Champion, test: Dataset, spec: ModelSpec) -> Floats:
    """The rows with the champion's columns; an input that the candidate no longer has is missing."""
    columns = {name: test.X[:, place] for place, name in enumerate(spec.feature_names)}
    missing = np.full(len(test), np.nan)
    return np.column_stack([columns.get(name, missing) for name in champion.bundle.manifest.feature_names])
