"""Rows explained in the words of the model's features and classes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from serving.bundle import Bundle, BundleManifest
from serving.decision import decide
from serving.engines.engine import Probabilities, Rows
from serving.engines.in_range import Ranges
from serving.errors import BadAnswer
from serving.explaining.contributions import Attribution, Contributions, Space, Steps

#: between what the contributions add up to and what the model answers, as probabilities; XGBoost has float32
TOLERANCE = 1e-4


@dataclass(frozen=True, slots=True)
class Explanations:
    """Explains rows as the estimator of ``bundle`` sees them."""

    bundle: Bundle
    ranges: Ranges
    steps: Steps
    attribution: Attribution

    def explain(self, rows: Rows) -> dict[str, Any]:
        """The body of the answer: an explanation for each of ``rows``, and what their base is.

        Of two classes the positive one is explained, of more the one that is answered.

        Raises:
            BadAnswer: when the contributions do not add up to what the model answers.
        """
        manifest = self.bundle.manifest
        inside = self.ranges.inside(rows)
        found = self.attribution.contributions(np.asarray(self.steps.transform(inside), dtype=np.float64))
        answered = np.asarray(self.bundle.estimator.predict_proba(inside), dtype=np.float64)
        _check(found, answered)
        explained = _explained_classes(manifest, answered)
        return {
            "explanations": [
                _explanation(manifest, found, row, int(index)) for row, index in enumerate(explained)
            ],
            "base_is": self.attribution.base_is,
        }


def _check(found: Contributions, answered: Probabilities) -> None:
    """An explanation of another answer would be worse than none, such as of splits that SHAP ignores."""
    off = np.abs(found.probabilities() - answered)
    # written so that NaN is refused
    if not (off <= TOLERANCE).all():
        raise BadAnswer(
            f"The contributions add up to a probability that is off the model's by {off.max():.2g}: they are "
            "withheld."
        )


def _explained_classes(manifest: BundleManifest, answered: Probabilities) -> NDArray[np.intp]:
    if manifest.positive_class is None:
        return decide(manifest, answered).chosen
    return np.full(len(answered), manifest.classes.index(manifest.positive_class))


def _explanation(manifest: BundleManifest, found: Contributions, row: int, index: int) -> dict[str, Any]:
    if found.space is Space.LOG_ODDS:
        # The one output speaks for the second class; what speaks for one of two speaks against the other.
        sign, output = (1.0 if index == 1 else -1.0), 0
    else:
        sign, output = 1.0, index
    values, base = sign * found.values[row, :, output], sign * float(found.base[output])
    return {
        "class": manifest.classes[index],
        "space": found.space.value,
        "base": base,
        "contributions": dict(zip(manifest.feature_names, values.tolist(), strict=True)),
        "output": base + float(values.sum()),
    }
