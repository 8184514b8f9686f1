"""Rows that two engines are compared on: the evaluation's own, and ones made to tell them apart.

They differ where a value lies at a split or an end, is missing, or is so small or large that precision
matters. All are such as the server lets through: whole and true-or-false features are so here, nothing is
infinite, and only what may be missing is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ct.arrays import Floats
from serving.bundle import BundleManifest, FeatureSpec, FeatureType, MissingValues

#: of each made family
ROWS = 1000
SEED = 20

#: the smallest number, one that single precision makes zero, one that it holds roughly, and ones beyond it
EXTREMES = (0.0, -0.0, 5e-324, 1e-50, -1e-50, 1e-38, 0.1, 16777217.0, 1e30, -1e30, 1e300, -1e300)


@dataclass(frozen=True, slots=True)
class Probe:
    """Some rows, and what one of them is called."""

    kind: str
    rows: Floats


def probes(manifest: BundleManifest, train: Floats, evaluation: Floats) -> Iterator[Probe]:
    """The same rows for the same arguments."""
    random = np.random.default_rng(SEED)
    yield Probe("an evaluation row", evaluation)
    lows, highs = _ranges(manifest, train)
    yield _probe("a random row", random.uniform(lows, highs, (ROWS, len(lows))), manifest)
    known = _known(train)
    mixed = np.column_stack([random.choice(values, ROWS) for values in known])
    yield _probe("a row of known values", mixed, manifest)
    between = np.column_stack([random.choice(_between(values), ROWS) for values in known])
    yield _probe("a row between training values", between, manifest)
    half = random.random(mixed.shape) < 0.5
    yield _probe("a row partly between training values", np.where(half, between, mixed), manifest)
    extremes = [_extremes(low, high) for low, high in zip(lows, highs, strict=True)]
    extreme = np.column_stack([random.choice(values, ROWS) for values in extremes])
    # One extreme value in an ordinary row, or else what it does is drowned by the other columns.
    alone = np.eye(mixed.shape[1], dtype=bool)[random.integers(mixed.shape[1], size=ROWS)]
    yield _probe("an extreme row", np.vstack([extreme, np.where(alone, extreme, mixed)]), manifest)
    if (nullable := _nullable(manifest)).any():
        absent = (random.random(mixed.shape) < 0.3) & nullable
        rows = np.vstack([np.where(absent, np.nan, mixed), np.where(nullable, np.nan, mixed[:1])])
        yield _probe("a row with missing values", rows, manifest)


def _probe(kind: str, rows: Floats, manifest: BundleManifest) -> Probe:
    columns = [_as_sent(feature, rows[:, place]) for place, feature in enumerate(manifest.features)]
    return Probe(kind, np.column_stack(columns))


def _as_sent(feature: FeatureSpec, values: Floats) -> Floats:
    """The nearest values that the server lets through for ``feature``."""
    if feature.dtype is FeatureType.INTEGER:
        return np.round(values)
    if feature.dtype is FeatureType.BOOLEAN:
        return np.where(np.isnan(values), np.nan, (values >= 0.5).astype(np.float64))
    return values


def _nullable(manifest: BundleManifest) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    accepts = manifest.missing_values is MissingValues.ACCEPT
    return np.array([accepts and feature.nullable for feature in manifest.features])


def _ranges(manifest: BundleManifest, train: Floats) -> tuple[Floats, Floats]:
    """As declared, and where nothing is, as the training rows have it and as far again on either side."""
    lows: list[float] = []
    highs: list[float] = []
    for feature, values in zip(manifest.features, _known(train), strict=True):
        low, high = float(values[0]), float(values[-1])
        span = (high - low) or 1.0
        lows.append(min(low, *_given(feature.max)) - span if feature.min is None else feature.min)
        highs.append(max(high, *_given(feature.min)) + span if feature.max is None else feature.max)
    return np.array(lows), np.array(highs)


def _given(bound: float | None) -> tuple[float, ...]:
    return (0.0,) if bound is None else (bound,)


def _known(train: Floats) -> list[Floats]:
    """The distinct values of each column, ascending; zero where there is none."""
    columns = [np.unique(column[np.isfinite(column)]) for column in train.T]
    return [column if len(column) else np.zeros(1) for column in columns]


def _between(values: Floats) -> Floats:
    """What a tree may split at: between neighbours, at a value, and right beside each, in both precisions."""
    middle = np.concatenate([values, values[:-1] / 2 + values[1:] / 2])
    with np.errstate(over="ignore"):
        single = middle.astype(np.float32)
    single = single[np.isfinite(single)]
    beside = [np.nextafter(middle, end) for end in (-np.inf, np.inf)]
    beside_single = [np.nextafter(single, np.float32(end)).astype(np.float64) for end in (-9e37, 9e37)]
    return np.concatenate([middle, single.astype(np.float64), *beside, *beside_single])


def _extremes(low: float, high: float) -> Floats:
    """The ends of a range, right beside and far beyond them, and numbers that precision loses."""
    span = (high - low) or 1.0
    ends = [
        end for edge in (low, high) for end in (edge, np.nextafter(edge, -np.inf), np.nextafter(edge, np.inf))
    ]
    return np.array([*ends, low - 10 * span, high + 10 * span, *EXTREMES])
