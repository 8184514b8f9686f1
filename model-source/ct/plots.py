# pyright: basic
# matplotlib is typed only in parts.
"""The pictures that a person wants to see of a candidate."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ct.calibration import ReliabilityBin
from ct.metrics import Floats, Indices


def curves(truth: Indices, probabilities: Floats, classes: Sequence[str]) -> Iterator[tuple[str, Figure]]:
    """ROC and precision-recall, one line for each class against the rest (for two: the positive one)."""
    labels = [1] if len(classes) == 2 else list(range(len(classes)))
    roc, roc_axes = _figure("ROC curve")
    recall, recall_axes = _figure("Precision-recall curve")
    for label in labels:
        hits, misses = _cumulative(truth == label, probabilities[:, label])
        roc_axes.plot(misses / max(misses[-1], 1), hits / max(hits[-1], 1), label=classes[label])
        found = np.maximum(hits + misses, 1)
        recall_axes.plot((hits / max(hits[-1], 1))[1:], (hits / found)[1:], label=classes[label])
    roc_axes.plot([0, 1], [0, 1], "--", color="grey", label="guessing")
    roc_axes.set(xlabel="False positive rate", ylabel="True positive rate", xlim=(0, 1), ylim=(0, 1.02))
    recall_axes.set(xlabel="Recall", ylabel="Precision", xlim=(0, 1), ylim=(0, 1.02))
    for name, figure, axes in (("roc", roc, roc_axes), ("precision_recall", recall, recall_axes)):
        axes.legend(loc="lower right" if name == "roc" else "lower left")
        yield name, figure


def calibration(bins: Sequence[ReliabilityBin]) -> Figure:
    """What was promised beside what came true."""
    figure, axes = _figure("Calibration")
    axes.plot([0, 1], [0, 1], "--", color="grey", label="perfect")
    axes.plot(
        [part.mean_confidence for part in bins], [part.share_right for part in bins], "o-", label="candidate"
    )
    axes.set(xlabel="Mean confidence", ylabel="Share that is right", xlim=(0, 1.02), ylim=(0, 1.02))
    axes.legend(loc="upper left")
    return figure


def confusion(counts: Indices, classes: Sequence[str]) -> Figure:
    """Which class is taken for which."""
    figure, axes = _figure("Confusion matrix (rows of the test set)")
    axes.imshow(counts, cmap="Blues")
    middle = counts.max() / 2
    for row, column in np.ndindex(*counts.shape):
        shade = "white" if counts[row, column] > middle else "black"
        axes.text(column, row, str(counts[row, column]), ha="center", va="center", color=shade)
    axes.set_xticks(range(len(classes)), classes, rotation=30, ha="right")
    axes.set_yticks(range(len(classes)), classes)
    axes.set(xlabel="Answered", ylabel="True")
    axes.grid(visible=False)
    return figure


def importance(drops: Mapping[str, float], metric: str) -> Figure:
    """By how much the metric falls when one feature is shuffled."""
    figure, axes = _figure("Feature importance (permutation, test set)")
    ordered = sorted(drops.items(), key=lambda item: item[1])
    axes.barh([name for name, _ in ordered], [drop for _, drop in ordered])
    axes.axvline(0, color="grey", linewidth=0.8)
    axes.set(xlabel=f"Fall of {metric} when shuffled")
    return figure


def save(figure: Figure, path: Path) -> None:
    """Write the picture; its format is that of the path's suffix."""
    figure.savefig(path)


def _figure(title: str) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(6.4, 4.8), layout="constrained", dpi=110)
    axes = figure.subplots()
    axes.set_title(title)
    axes.grid(visible=True, alpha=0.3)
    return figure, axes


def _cumulative(positive: np.ndarray, score: Floats) -> tuple[Floats, Floats]:
    """True and false positives at every distinct threshold, from the strictest, starting at none."""
    order = np.argsort(-score, kind="stable")
    last_of_equal = np.append(np.diff(score[order]) != 0, True)
    hits = np.cumsum(positive[order])[last_of_equal]
    misses = np.cumsum(~positive[order])[last_of_equal]
    return np.concatenate([[0.0], hits]), np.concatenate([[0.0], misses])
