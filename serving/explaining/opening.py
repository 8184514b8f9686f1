"""From a bundle to what explains its rows, or to the sentence that says why nothing does."""

from __future__ import annotations

from typing import Any

import numpy as np

from serving.bundle import Bundle, BundleManifest
from serving.engines.in_range import Ranges
from serving.errors import NotExplainable
from serving.explaining import linear, trees
from serving.explaining.contributions import Attribution
from serving.explaining.explanations import Explanations
from serving.explaining.steps import OneToOneSteps, split


def open_explanations(bundle: Bundle) -> Explanations:
    """What explains the rows of the bundle's model.

    Raises:
        NotExplainable: when its kind of model, or a step before the model, can't be explained.
    """
    steps, model = split(bundle.estimator)
    attribution = _attribution(model, steps, bundle.manifest)
    return Explanations(bundle, Ranges(bundle.manifest), steps, attribution)


def _attribution(model: Any, steps: OneToOneSteps, manifest: BundleManifest) -> Attribution:
    kind = type(model).__name__
    if kind in linear.CLASSES:
        return linear.LinearAttribution(model, steps.transform(_average(manifest)))
    if kind not in trees.CLASSES:
        known = ", ".join((*linear.CLASSES, *trees.CLASSES))
        raise NotExplainable(f"{kind} is not among the kinds of models that can be explained: {known}")
    try:
        return trees.TreeAttribution(model)
    except Exception as error:
        # shap raises what it likes for what it does not know, such as more than two classes.
        raise NotExplainable(f"SHAP can't take this {kind} apart ({error})") from error


def _average(manifest: BundleManifest) -> np.ndarray[Any, np.dtype[np.float64]]:
    if manifest.means is None:
        raise NotExplainable("its bundle has no training means to compare with: train it again")
    # A feature that was never given has none; NaN goes through the steps as a missing value does.
    return np.array([[np.nan if mean is None else mean for mean in manifest.means]])
