"""Whether one engine answers as another one does: the gate that an engine passes or is not served."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from ct.arrays import Floats
from ct.engine_choice.probes import Probe
from ct.judging.decision import ask, decide
from serving.bundle import BundleManifest
from serving.engines.engine import Engine

#: how far two probabilities may lie apart, and how near to the threshold a label may change
TOLERANCE = 1e-5
#: rows of each kind that are asked one by one too: a runtime may compute a single row in another way
ALONE = 50


@dataclass(frozen=True, slots=True)
class Parity:
    """What the comparison found."""

    rows: int
    largest_difference: float
    #: one sentence about the worst row, None where all agree
    disagreement: str | None


def compare_engines(
    trial: Engine, reference: Engine, manifest: BundleManifest, probes: Sequence[Probe]
) -> Parity:
    """Ask both engines all ``probes``, in the ranges of the ``manifest`` as the server would."""
    rows, worst, sentence = 0, 0.0, None
    # some rows are there to overflow, which is no news to whoever trains
    with np.errstate(over="ignore", invalid="ignore"):
        for probe in probes:
            answerable, wanted = _answerable(reference, manifest, probe.rows)
            rows += len(wanted)
            for found, expected in _answers(trial, manifest, answerable, wanted):
                difference, told = _compare(found, expected, manifest, probe.kind)
                if told is not None and (sentence is None or difference > worst):
                    sentence = told
                worst = max(worst, difference)
    return Parity(rows, worst, sentence)


def _answerable(reference: Engine, manifest: BundleManifest, rows: Floats) -> tuple[Floats, Floats]:
    """The rows that the estimator itself answers, and its answers: elsewhere there is nothing to compare."""
    try:
        answers = ask(reference, rows, manifest)
    except ValueError:
        parts = [_one_answer(reference, manifest, row) for row in rows]
        answers = np.vstack(parts) if parts else np.empty((0, len(manifest.classes)))
    answered = np.isfinite(answers).all(axis=1)
    return rows[answered], answers[answered]


def _one_answer(reference: Engine, manifest: BundleManifest, row: Floats) -> Floats:
    try:
        return ask(reference, row[np.newaxis, :], manifest)
    except ValueError:
        return np.full((1, len(manifest.classes)), np.nan)


def _answers(
    trial: Engine, manifest: BundleManifest, rows: Floats, wanted: Floats
) -> Iterator[tuple[Floats, Floats]]:
    if not len(rows):
        return
    yield ask(trial, rows, manifest), wanted
    few = [ask(trial, row[np.newaxis, :], manifest) for row in rows[:ALONE]]
    yield np.vstack(few), wanted[:ALONE]


def _compare(found: Floats, wanted: Floats, manifest: BundleManifest, kind: str) -> tuple[float, str | None]:
    """The largest difference, and a sentence when it is too large or a label is another."""
    if found.shape != wanted.shape:
        return np.inf, f"answered an array of shape {found.shape} where the estimator answers {wanted.shape}"
    # What is not a number is infinitely wrong.
    apart = np.abs(np.nan_to_num(found, nan=np.inf) - wanted)
    row, column = np.unravel_index(int(apart.argmax()), apart.shape)
    difference = float(apart[row, column])
    if difference > TOLERANCE:
        numbers = f"{found[row, column]:.4f} where the estimator answers {wanted[row, column]:.4f}"
        return difference, f"answered {numbers} for {kind}"
    changed = (decide(found, manifest) != decide(wanted, manifest)) & ~_undecided(wanted, manifest)
    if changed.any():
        return difference, f"answered another label for {kind}"
    return difference, None


def _undecided(wanted: Floats, manifest: BundleManifest) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Rows so near to the border between two labels that either is right."""
    if manifest.positive_class is None or manifest.threshold is None:
        highest = np.sort(wanted, axis=1)[:, -2:]
        return highest[:, 1] - highest[:, 0] <= TOLERANCE
    positive = wanted[:, manifest.classes.index(manifest.positive_class)]
    return np.abs(positive - manifest.threshold) <= TOLERANCE
