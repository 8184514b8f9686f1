# pyright: basic
# pandera's schemas and failure cases are untyped.
"""The data contract: what ``model.yaml`` says about the columns, held against the rows before training."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from textwrap import shorten

import numpy as np
import pandas as pd
import pandera.pandas as pa

from ct.errors import DataContractBroken
from ct.spec import DeclaredFeature, ModelSpec
from serving.bundle import FeatureType


def check_contract(frame: pd.DataFrame, spec: ModelSpec, source: str = "training data") -> None:
    """Hold every row against the declared schema.

    Raises:
        DataContractBroken: with one sentence for each column and rule that is broken: column, number of rows,
            and an example.
    """
    violations = _missing_columns(frame, spec) or _schema_violations(frame, spec)
    if violations := violations or _class_violations(frame, spec, source):
        raise DataContractBroken(spec.name, [f"In the {source}, {violation}" for violation in violations])


def _missing_columns(frame: pd.DataFrame, spec: ModelSpec) -> Sequence[str]:
    wanted = [*spec.feature_names, spec.data.target]
    if not (absent := [name for name in wanted if name not in frame.columns]):
        return []
    found = ", ".join(str(name) for name in frame.columns)
    return [f"these columns are missing: {', '.join(absent)}; there are: {shorten(found, 300)}."]


def _schema_violations(frame: pd.DataFrame, spec: ModelSpec) -> Sequence[str]:
    columns = {feature.name: _column(feature) for feature in spec.features}
    kind = "texts" if isinstance(spec.classes[0], str) else "integers"
    label = pa.Check.isin(
        list(spec.classes), error=f"hold none of the classes, the {kind} {list(spec.classes)}"
    )
    columns[spec.data.target] = pa.Column(checks=label, nullable=False)
    try:
        pa.DataFrameSchema(columns).validate(frame.reset_index(drop=True), lazy=True)
    except pa.errors.SchemaErrors as broken:
        return _sentences(broken.failure_cases, len(frame))
    return []


def _column(feature: DeclaredFeature) -> pa.Column:
    checks = [pa.Check(lambda values: np.isfinite(values.astype(float)), error="are infinite")]
    if feature.min is not None:
        checks.append(pa.Check.ge(feature.min, error=f"lie below the minimum {feature.min:g}"))
    if feature.max is not None:
        checks.append(pa.Check.le(feature.max, error=f"lie above the maximum {feature.max:g}"))
    if feature.allowed is not None:
        listed = [f"{value:g}" for value in feature.allowed]
        checks.append(pa.Check.isin(feature.allowed, error=f"are none of {', '.join(listed)}"))
    if feature.dtype is FeatureType.INTEGER:
        checks.append(pa.Check(lambda values: values.astype(float) % 1 == 0, error="are not whole numbers"))
    if feature.dtype is FeatureType.BOOLEAN:
        checks.append(pa.Check.isin([0.0, 1.0], error="are neither 0 nor 1"))
    return pa.Column(float, checks=checks, nullable=feature.nullable, coerce=True)


def _sentences(cases: pd.DataFrame, rows: int) -> Sequence[str]:
    kinds = cases["check"].astype(str)
    # A column that could not be read as numbers breaks every other check as well: tell the cause alone.
    unread = set(cases.loc[kinds.str.contains("dtype"), "column"])
    told: list[str] = []
    for (column, kind), group in cases.groupby(["column", kinds], dropna=False, sort=False):
        example, row = group["failure_case"].tolist()[0], group["index"].tolist()[0]
        example = example.item() if isinstance(example, np.generic) else example
        if column not in unread or str(kind).startswith("coerce_dtype"):
            told.append(
                f"column '{column}': {len(group)} of {rows} rows {_reason(str(kind))}, "
                f"for example {example!r} (row {row})."
            )
    return told


def _reason(kind: str) -> str:
    if kind.startswith("coerce_dtype"):
        return "are not numbers"
    return "are missing" if kind == "not_nullable" else kind


def _class_violations(frame: pd.DataFrame, spec: ModelSpec, source: str) -> Sequence[str]:
    needed = spec.split.folds if source == "training data" else 1
    counts = Counter(frame[spec.data.target].tolist())
    return [
        f"class {label!r} has {counts[label]} rows, but at least {needed} are needed."
        for label in spec.classes
        if counts[label] < needed
    ]
