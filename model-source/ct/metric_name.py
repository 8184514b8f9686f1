"""The names of the metrics that ``model.yaml`` may choose between."""

from __future__ import annotations

from enum import StrEnum


class MetricName(StrEnum):
    """Higher is better for all of them."""

    ACCURACY = "accuracy"
    BALANCED_ACCURACY = "balanced_accuracy"
    #: mean over the classes
    F1 = "f1"
    #: mean over the classes, each against the rest
    ROC_AUC = "roc_auc"
    #: mean over the classes, each against the rest
    AVERAGE_PRECISION = "average_precision"

    @property
    def shown(self) -> str:
        """As a person reads it."""
        return {"f1": "F1", "roc_auc": "ROC AUC"}.get(self.value, self.value.replace("_", " "))
