# pyright: basic
# pandas columns are typed only in parts.
"""Rows as arrays, in an order and a form that depend on nothing but the rows themselves."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ct.arrays import Floats, Indices
from ct.spec import ModelSpec
from homeostat import digest


@dataclass(frozen=True, slots=True)
class Dataset:
    """Rows as the estimator gets them."""

    #: rows x features
    X: Floats
    #: class indices
    y: Indices
    #: rows with equal features have equal numbers
    groups: Indices

    def __len__(self) -> int:
        return len(self.y)

    def take(self, rows: np.ndarray | slice) -> Dataset:
        """The chosen rows alone."""
        return Dataset(self.X[rows], self.y[rows], self.groups[rows])


def canonical(frame: pd.DataFrame, spec: ModelSpec) -> Dataset:
    """Bring contract-checked rows into sorted order, so that how they arrived changes nothing downstream."""
    index = {label: place for place, label in enumerate(spec.classes)}
    labels = frame[spec.data.target].to_numpy()
    y = np.fromiter((index[_plain(label)] for label in labels), dtype=np.int64, count=len(labels))
    # Adding zero turns -0.0 into 0.0; NaN gets one bit pattern.
    X = frame[list(spec.feature_names)].to_numpy(dtype=np.float64) + 0.0
    X[np.isnan(X)] = np.nan
    order = np.lexsort((y, *X.T[::-1]))
    X, y = np.ascontiguousarray(X[order]), y[order]
    keys = [row.tobytes() for row in X]
    groups, _ = pd.factorize(np.array(keys, dtype=object))
    return Dataset(X, y, groups.astype(np.int64))


def means(data: Dataset) -> tuple[float | None, ...]:
    """Of each feature's values; None where it has none.

    Summed exactly, so that every machine gives the same bytes.
    """
    known = [column[~np.isnan(column)].tolist() for column in data.X.T]
    return tuple(math.fsum(values) / len(values) if values else None for values in known)


def data_sha256(spec: ModelSpec, *parts: Dataset) -> str:
    """SHA-256 over the canonical rows of all ``parts`` and the meaning of their columns."""
    meaning = json.dumps({"features": spec.feature_names, "classes": spec.classes})
    named = [("meaning", digest.of_bytes(meaning.encode()))]
    for place, part in enumerate(parts):
        content = part.X.astype("<f8").tobytes() + part.y.astype("<i8").tobytes()
        named.append((f"part-{place}", digest.of_bytes(content)))
    return digest.of_parts(named)


def prevalence(data: Dataset, spec: ModelSpec) -> Mapping[str, float]:
    """The share of each class among the labels."""
    counts = np.bincount(data.y, minlength=len(spec.classes))
    return {str(label): float(count) / len(data) for label, count in zip(spec.classes, counts, strict=True)}


def _plain(label: Any) -> Any:
    """A numpy scalar as the Python value that ``model.yaml`` holds."""
    return label.item() if isinstance(label, np.generic) else label
