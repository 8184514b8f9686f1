"""Training and test rows, kept apart by what they say instead of by where they stand.

Rows with equal features fall on the same side: where data repeats itself (of the 1,250 phishing pages only
625 are distinct), a split by position would test on rows that were trained on. The side depends on the seed
and the row alone, so a row stays where it is when others come and go, and a champion's test rows stay unseen
for as long as seed and features stay (``ct.judging.champion`` sees to it when they don't).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ct.arrays import Floats
from ct.data.dataset import Dataset
from ct.errors import DataContractBroken
from ct.spec import ModelSpec, Split


@dataclass(frozen=True, slots=True)
class TrainTest:
    """The two sides of a split."""

    train: Dataset
    test: Dataset


def split_rows(data: Dataset, spec: ModelSpec) -> TrainTest:
    """Send about ``test_fraction`` of the distinct rows to the test side.

    Raises:
        DataContractBroken: when one side lacks a class.
    """
    sides = is_tested(data.X, spec.split)
    return _with_every_class(TrainTest(data.take(~sides), data.take(sides)), spec)


def apart_from(data: Dataset, held_out: Dataset, spec: ModelSpec) -> TrainTest:
    """Train on the rows of ``data`` whose features do not occur in ``held_out``.

    Raises:
        DataContractBroken: when one side lacks a class.
    """
    tested = {row.tobytes() for row in held_out.X}
    unseen = np.array([row.tobytes() not in tested for row in data.X], dtype=bool)
    return _with_every_class(TrainTest(data.take(unseen), held_out), spec)


def is_tested(X: Floats, split: Split) -> npt.NDArray[np.bool_]:
    """Which of the rows ``split`` sends to the test side."""
    threshold = int(split.test_fraction * 2**64)
    return np.array([_place(row, split.seed) < threshold for row in X], dtype=bool)


def _place(row: Floats, seed: int) -> int:
    """A uniform number below 2**64 that belongs to the row."""
    return int.from_bytes(hashlib.sha256(f"{seed}:".encode() + row.tobytes()).digest()[:8])


def _with_every_class(sides: TrainTest, spec: ModelSpec) -> TrainTest:
    lacking = [
        f"class {label!r} has no row among the {name} rows; give more rows or another split.seed."
        for name, side in (("training", sides.train), ("test", sides.test))
        for place, label in enumerate(spec.classes)
        if not np.any(side.y == place)
    ]
    if lacking:
        raise DataContractBroken(spec.name, [f"After the split, {sentence}" for sentence in lacking])
    return sides
