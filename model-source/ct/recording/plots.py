# pyright: basic
# matplotlib is typed only in parts.
"""The pictures that a person wants to see of a candidate."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ct.arrays import Floats, Indices
from ct.judging.calibration import ReliabilityBin

#: of an axis from none to all
_SHARE = (-0.01, 1.02)


def curves(truth: Indices, probabilities: Floats, classes: Sequence[str]) -> Iterator[tuple[str, Figure]]:
    """ROC and precision-recall, one line for each class against the rest (for two: the positive one)."""
    labels = [1] if len(classes) == 2 else list(range(len(classes)))
    roc, roc_axes = _figure("ROC curve on the test rows")
    recall, recall_axes = _figure("Precision and recall on the test rows")
    for label in labels:
        hits, misses = _cumulative(truth == label, probabilities[:, label])
        share = hits[-1] / len(truth)
        true_rate, false_rate = hits / max(hits[-1], 1), misses / max(misses[-1], 1)
        (line,) = roc_axes.plot(
            false_rate, true_rate, label=f"{classes[label]}, area {np.trapezoid(true_rate, false_rate):.3f}"
        )
        precision = hits[1:] / (hits + misses)[1:]
        average = (np.diff(true_rate) * precision).sum()
        recall_axes.step(
            true_rate, [precision[0], *precision], label=f"{classes[label]}, average {average:.3f}"
        )
        recall_axes.axhline(
            share, ls="--", lw=1, color=line.get_color(), alpha=0.6, label=f"guessing, {share:.3f}"
        )
    roc_axes.plot([0, 1], [0, 1], "--", color="grey", lw=1, label="guessing")
    roc_axes.set(xlabel="False positive rate", ylabel="True positive rate", xlim=_SHARE, ylim=_SHARE)
    recall_axes.set(xlabel="Recall", ylabel="Precision", xlim=_SHARE, ylim=_SHARE)
    for name, figure, axes in (("roc", roc, roc_axes), ("precision_recall", recall, recall_axes)):
        axes.legend(loc="lower right" if name == "roc" else "lower left")
        yield name, figure


def calibration(bins: Sequence[ReliabilityBin], error: float) -> Figure:
    """What was promised beside what came true, with a standard error for the rows of each bin."""
    figure, axes = _figure(f"Calibration on the test rows (expected error {error:.3f})")
    promised = np.array([part.mean_confidence for part in bins])
    came_true = np.array([part.share_right for part in bins])
    rows = np.array([part.rows for part in bins])
    # One row is added to either side, or a bin without a mistake would look certain.
    spread = (came_true * rows + 1) / (rows + 2)
    deviation = np.sqrt(spread * (1 - spread) / rows)
    low = min(promised.min(), (came_true - deviation).min()) - 0.03
    axes.plot([low, 1], [low, 1], "--", color="grey", lw=1, label="perfect")
    axes.errorbar(promised, came_true, deviation, fmt="o-", capsize=3, label="candidate, ± standard error")
    axes.set(
        xlabel="Mean confidence of the bin", ylabel="Share that is right", xlim=(low, 1.02), ylim=(None, 1.03)
    )
    axes.legend(loc="upper left")
    return figure


def confusion(counts: Indices, classes: Sequence[str]) -> Figure:
    """Which class is taken for which, as rows and as a share of the true class."""
    figure, axes = _figure("Confusion on the test rows")
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for row, column in np.ndindex(*counts.shape):
        shade = "white" if shares[row, column] > 0.5 else "black"
        shown = f"{counts[row, column]}\n{shares[row, column]:.0%}"
        axes.text(column, row, shown, ha="center", va="center", color=shade)
    axes.set_xticks(range(len(classes)), classes, rotation=30, ha="right")
    axes.set_yticks(range(len(classes)), classes)
    axes.set(xlabel="Answered", ylabel="True")
    axes.grid(visible=False)
    return figure


def importance(drops: Mapping[str, float], metric: str) -> Figure:
    """By how much the metric falls when one feature is shuffled."""
    figure, axes = _figure("Feature importance (permutation, test rows)")
    ordered = sorted(drops.items(), key=lambda item: item[1])
    bars = axes.barh([name for name, _ in ordered], [drop for _, drop in ordered])
    axes.bar_label(bars, fmt="%.3f", padding=3)
    axes.axvline(0, color="grey", linewidth=0.8)
    low, high = min(0.0, *drops.values()), max(0.0, *drops.values())
    room = 0.15 * ((high - low) or 1.0)
    axes.set_xlim(low - (room if low < 0 else 0.0), high + room)
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
    axes.set_axisbelow(True)
    return figure, axes


def _cumulative(positive: np.ndarray, score: Floats) -> tuple[Floats, Floats]:
    """True and false positives at every distinct threshold, from the strictest, starting at none."""
    order = np.argsort(-score, kind="stable")
    last_of_equal = np.append(np.diff(score[order]) != 0, True)
    hits = np.cumsum(positive[order])[last_of_equal]
    misses = np.cumsum(~positive[order])[last_of_equal]
    return np.concatenate([[0.0], hits]), np.concatenate([[0.0], misses])
