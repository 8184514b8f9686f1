"""The served version, beside which a candidate is judged on the same rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ct.bootstrap import interval, replicates
from ct.dataset import Dataset
from ct.decision import decide
from ct.errors import RegistryUnavailableError
from ct.metrics import METRICS, Floats, Indices
from ct.spec import ModelSpec
from lifecycle.gates.evidence import Comparison
from serving.bundle import Bundle


@dataclass(frozen=True, slots=True)
class Champion:
    """A version that git says is deployed, its bytes verified."""

    version: int
    bundle: Bundle
    #: share of each class among the labels that it was trained on
    prevalence: Mapping[str, float]


def compare(
    champion: Champion, probabilities: Floats, predicted: Indices, test: Dataset, spec: ModelSpec
) -> Comparison:
    """Let the champion answer the same rows, and tell where it differs and whether it is better.

    Raises:
        RegistryUnavailableError: when the champion knows other classes, so that answers can't be compared.
    """
    theirs, their_choice = _answers(champion, test, spec)
    metric = METRICS[spec.metric]

    def difference(weights: Floats) -> Floats:
        mine = metric(test.y, probabilities, predicted, weights)
        return mine - metric(test.y, theirs, their_choice, weights)

    drawn = np.concatenate([difference(weights) for weights in replicates(test, spec.split.seed)])
    value = float(difference(np.ones((1, len(test))))[0])
    return Comparison(
        version=champion.version,
        difference=interval(value, drawn),
        disagreement=float((predicted != their_choice).mean()),
        prevalence=champion.prevalence,
    )


def _answers(champion: Champion, test: Dataset, spec: ModelSpec) -> tuple[Floats, Indices]:
    """The champion's probabilities and choices, with inputs and classes brought into the candidate's order.

    An input that the candidate no longer has is missing for the champion.
    """
    manifest = champion.bundle.manifest
    if set(manifest.classes) != set(spec.classes):
        raise RegistryUnavailableError(
            f"Version {champion.version} of {spec.name} answers {list(manifest.classes)}, but model.yaml "
            f"lists {list(spec.classes)}: a model with other classes is another model and needs its own name."
        )
    columns = {name: test.X[:, place] for place, name in enumerate(spec.feature_names)}
    missing = np.full(len(test), np.nan)
    X = np.column_stack([columns.get(name, missing) for name in manifest.feature_names])
    probabilities = np.asarray(champion.bundle.estimator.predict_proba(X), dtype=np.float64)
    order = [manifest.classes.index(label) for label in spec.classes]
    choice = np.argsort(order)[decide(probabilities, manifest)].astype(np.int64)
    return probabilities[:, order], choice
