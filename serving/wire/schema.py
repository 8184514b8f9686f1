"""Requests' rows against the model's features: what may reach the estimator.

Everything is turned into one float64 array of [rows, features] first and checked as a whole, so that checking
costs the same for one row and for a thousand. Right rows pass few and cheap checks; only when one of those
fails is the first wrong value looked for.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from http import HTTPStatus

import numpy as np
from numpy.typing import NDArray

from serving.bundle import BundleManifest, FeatureType, MissingValues
from serving.engines.engine import Rows
from serving.errors import BadRequest
from serving.wire.quoted import kind_of, quoted

_NOTHING: Mapping[str, int] = {}


class InputSchema:
    """What the rows of a request must look like for one model."""

    def __init__(self, manifest: BundleManifest) -> None:
        features = manifest.features
        self.features = features
        self.names = manifest.feature_names
        self.name_set = frozenset(self.names)
        #: the column of each feature
        self.columns = {name: column for column, name in enumerate(self.names)}
        self.booleans = frozenset(f.name for f in features if f.dtype is FeatureType.BOOLEAN)
        self._private = frozenset(f.name for f in features if f.private)
        self.max_batch = manifest.max_batch
        self._low = np.array([-np.inf if f.min is None else f.min for f in features])
        self._high = np.array([np.inf if f.max is None else f.max for f in features])
        self._whole = np.array([f.dtype is FeatureType.INTEGER for f in features])
        self._boolean = np.array([f.dtype is FeatureType.BOOLEAN for f in features])
        #: booleans are whole as well, which leaves one comparison for most models
        self._whole_columns = np.flatnonzero(self._whole | self._boolean)
        self._boolean_columns = np.flatnonzero(self._boolean)
        accepts = manifest.missing_values is MissingValues.ACCEPT
        self._nullable = np.array([accepts and f.nullable for f in features])

    def showing(self, feature: str | None) -> Callable[[object], str]:
        """How a sentence shows a value: a private one by its kind alone, since sentences go to the log.

        Args:
            feature: whose value it is, None when it may be any feature's.
        """
        return kind_of if (feature in self._private if feature else self._private) else quoted

    def check_batch(self, rows: int) -> None:
        """Refuse a request without rows or with more than the model's ``max_batch``.

        Raises:
            BadRequest: 413 when there are too many rows, 400 when there are none.
        """
        if 0 < rows <= self.max_batch:
            return
        if rows == 0:
            raise BadRequest("The request has no rows: give at least one.")
        raise BadRequest(
            f"The request has {rows} rows, at most {self.max_batch} are allowed: split.",
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        )

    def check_names(self, names: Collection[str]) -> None:
        """Refuse missing, unknown and doubled features.

        Raises:
            BadRequest: naming the first of them.
        """
        if (
            len(names) == len(self.names)
            and self.name_set.issuperset(names)
            and len(set(names)) == len(names)
        ):
            return
        seen: set[str] = set()
        for name in names:
            if name not in self.name_set:
                raise BadRequest(f"{quoted(name)} is not a feature of the model: it has {self.listed()}.")
            if name in seen:
                raise BadRequest(f"The feature {name} is given twice: give it once.")
            seen.add(name)
        missing = next(name for name in self.names if name not in seen)
        raise BadRequest(f"The feature {missing} is missing: the model has {self.listed()}.")

    def check_boolean(self, names: Collection[str]) -> None:
        """Refuse booleans for features of another type.

        Raises:
            BadRequest: naming the first such feature.
        """
        if self.booleans.issuperset(names):
            return
        feature = next(f for f in self.features if f.name in names and f.name not in self.booleans)
        raise BadRequest(f"The feature {feature.name} is {feature.dtype}: it may not be boolean.")

    def check(self, rows: Rows) -> Rows:
        """Return ``rows`` if the estimator may see them.

        Raises:
            BadRequest: naming the first row and feature with a value that is missing, infinite, or not whole
                where the feature is.
        """
        if np.count_nonzero(np.isfinite(rows)) != rows.size or not self._fits(rows):
            self._refuse_first(rows)
        return rows

    def out_of_range(self, rows: Rows) -> Mapping[str, int]:
        """How many values of each feature lie outside of its range; features without any are left out."""
        outside = (rows < self._low) | (rows > self._high)
        if not np.count_nonzero(outside):
            return _NOTHING
        counts: Sequence[int] = outside.sum(axis=0).tolist()
        return {name: count for name, count in zip(self.names, counts, strict=True) if count}

    def listed(self) -> str:
        """The features' names as a sentence lists them."""
        return ", ".join(self.names)

    def _fits(self, rows: Rows) -> bool:
        """Whether finite ``rows`` are whole and boolean where the features are."""
        if len(self._whole_columns):
            whole = rows[:, self._whole_columns]
            if np.count_nonzero(whole == np.floor(whole)) != whole.size:
                return False
        if len(self._boolean_columns):
            boolean = rows[:, self._boolean_columns]
            return np.count_nonzero((boolean == 0) | (boolean == 1)) == boolean.size
        return True

    def _refuse_first(self, rows: Rows) -> None:
        absent = np.isnan(rows)
        self._refuse(absent & ~self._nullable, rows, "a value is required, not null or NaN")
        self._refuse(np.isinf(rows), rows, "it must be finite")
        with np.errstate(invalid="ignore"):
            fraction = ~absent & (rows != np.floor(rows))
            self._refuse(fraction & self._whole, rows, "it must be a whole number")
            other = ~absent & (rows != 0) & (rows != 1)
        self._refuse(other & self._boolean, rows, "it must be true or false")

    def _refuse(self, bad: NDArray[np.bool_], rows: Rows, why: str) -> None:
        if bad.any():
            row, column = (int(index) for index in np.argwhere(bad)[0])
            value, name = float(rows[row, column]), self.names[column]
            shown = kind_of(value) if name in self._private else f"{value:g}"
            raise BadRequest(f"Row {row}, {name} is {'missing' if np.isnan(value) else shown}: {why}.")
