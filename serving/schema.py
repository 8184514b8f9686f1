"""Requests' rows against the model's features: what may reach the estimator.

Everything is turned into one float64 array of [rows, features] first and checked as a whole, so that checking
costs the same for one row and for a thousand.
"""

from __future__ import annotations

import reprlib
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import cast

import numpy as np
from numpy.typing import NDArray

from serving.bundle import BundleManifest, FeatureType, MissingValues
from serving.engines.engine import Rows
from serving.errors import BadRequest

_SHORT = reprlib.Repr()
_SHORT.maxstring = _SHORT.maxlong = _SHORT.maxother = 200


class InputSchema:
    """What the rows of a request must look like for one model."""

    def __init__(self, manifest: BundleManifest) -> None:
        features = manifest.features
        self._manifest = manifest
        self.names = manifest.feature_names
        self._low = np.array([-np.inf if f.min is None else f.min for f in features])
        self._high = np.array([np.inf if f.max is None else f.max for f in features])
        self._whole = np.array([f.dtype is FeatureType.INTEGER for f in features])
        self._boolean = np.array([f.dtype is FeatureType.BOOLEAN for f in features])
        accepts = manifest.missing_values is MissingValues.ACCEPT
        self._nullable = np.array([accepts and f.nullable for f in features])

    def from_instances(self, instances: Sequence[object]) -> Rows:
        """Rows given as JSON: each a list in the order of the features, or a mapping by their names.

        Raises:
            BadRequest: when a row has another shape, other names, or values that the model can't take.
        """
        self.check_batch(len(instances))
        table = [self._instance(instance, row) for row, instance in enumerate(instances)]
        return self.check(np.array(table, dtype=np.float64))

    def check_batch(self, rows: int) -> None:
        """Refuse a request without rows or with more than the model's ``max_batch``.

        Raises:
            BadRequest: 413 when there are too many rows, 400 when there are none.
        """
        if rows == 0:
            raise BadRequest("The request has no rows: give at least one.")
        if rows > self._manifest.max_batch:
            raise BadRequest(
                f"The request has {rows} rows, at most {self._manifest.max_batch} are allowed: split.",
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            )

    def check_names(self, names: Sequence[str]) -> None:
        """Refuse missing, unknown and doubled features.

        Raises:
            BadRequest: naming the first of them.
        """
        for name in names:
            if name not in self.names:
                raise BadRequest(f"{quoted(name)} is not a feature of the model: it has {self._listed()}.")
        if doubled := next((name for name in names if names.count(name) > 1), None):
            raise BadRequest(f"The feature {doubled} is given twice: give it once.")
        if missing := next((name for name in self.names if name not in names), None):
            raise BadRequest(f"The feature {missing} is missing: the model has {self._listed()}.")

    def check_boolean(self, names: Sequence[str]) -> None:
        """Refuse booleans for features of another type.

        Raises:
            BadRequest: naming the first such feature.
        """
        for feature in self._manifest.features:
            if feature.name in names and feature.dtype is not FeatureType.BOOLEAN:
                raise BadRequest(f"The feature {feature.name} is {feature.dtype}: it may not be boolean.")

    def check(self, rows: Rows) -> Rows:
        """Return ``rows`` if the estimator may see them.

        Raises:
            BadRequest: naming the first row and feature with a value that is missing, infinite, or not whole
                where the feature is.
        """
        absent = np.isnan(rows)
        self._refuse(absent & ~self._nullable, rows, "a value is required, not null or NaN")
        self._refuse(np.isinf(rows), rows, "it must be finite")
        with np.errstate(invalid="ignore"):
            fraction = ~absent & (rows != np.floor(rows))
            self._refuse(fraction & self._whole, rows, "it must be a whole number")
            other = ~absent & (rows != 0) & (rows != 1)
        self._refuse(other & self._boolean, rows, "it must be true or false")
        return rows

    def out_of_range(self, rows: Rows) -> Mapping[str, int]:
        """How many values of each feature lie outside of its range; features without any are left out."""
        outside = ((rows < self._low) | (rows > self._high)).sum(axis=0)
        return {name: int(count) for name, count in zip(self.names, outside, strict=True) if count}

    def _instance(self, instance: object, row: int) -> list[float]:
        if isinstance(instance, Mapping):
            named = cast("Mapping[str, object]", instance)
            self.check_names(list(named))
            values = [named[name] for name in self.names]
        elif isinstance(instance, list):
            values = cast("list[object]", instance)
            if len(values) != len(self.names):
                raise BadRequest(
                    f"Row {row} has {len(values)} values, but the model has {len(self.names)} features: "
                    f"{self._listed()}."
                )
        else:
            raise BadRequest(f"Row {row} is {quoted(instance)}: it must be a list or an object of features.")
        return [self._value(value, row, column) for column, value in enumerate(values)]

    def _value(self, value: object, row: int, column: int) -> float:
        if value is None:
            return np.nan
        if isinstance(value, bool):
            if self._boolean[column]:
                return float(value)
        elif isinstance(value, int | float):
            return float(value)
        feature = self._manifest.features[column]
        raise BadRequest(f"Row {row}, {feature.name} is {quoted(value)}: it must be of type {feature.dtype}.")

    def _refuse(self, bad: NDArray[np.bool_], rows: Rows, why: str) -> None:
        if bad.any():
            row, column = (int(index) for index in np.argwhere(bad)[0])
            value = rows[row, column]
            shown = "missing" if np.isnan(value) else f"{value:g}"
            raise BadRequest(f"Row {row}, {self.names[column]} is {shown}: {why}.")

    def _listed(self) -> str:
        return ", ".join(self.names)


def quoted(value: object) -> str:
    """The value as a sentence may show it: short, since it comes from a stranger, and so is the work."""
    text = _SHORT.repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
