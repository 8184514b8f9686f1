# pyright: basic
# onnx and scikit-learn's fitted attributes are not typed.
"""The steps before the last one as nodes of a graph, in double precision.

A tree splits between two values. Scaled in single precision, as skl2onnx has it, a value beside a split may
move across, and then the answer is another one altogether. scikit-learn scales in double precision, so that
is done here: the same operations in the same order.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from onnx import NodeProto, TensorProto, helper, numpy_helper
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import MinMaxScaler, StandardScaler


@dataclass
class Preparation:
    """Nodes that lead from the rows to what the last step is shown."""

    #: the name of the latest tensor, of doubles
    latest: str
    nodes: list[NodeProto] = field(default_factory=list)
    constants: list[TensorProto] = field(default_factory=list)

    def add(self, operator: str, *inputs: Any) -> str:
        """Add a node over tensors by name and constants by value; it makes the latest tensor."""
        names = [given if isinstance(given, str) else self._constant(given) for given in inputs]
        output = f"prepared_{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, names, [output], name=f"{operator}_{output}"))
        self.latest = output
        return output

    def _constant(self, value: Any) -> str:
        name = f"constant_{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(value), name))
        return name


def prepare(steps: Sequence[Any], rows: str) -> Preparation | None:
    """What ``steps`` do to the tensor ``rows``; None when one of them is unknown here."""
    preparation = Preparation(rows)
    for step in steps:
        add = _KNOWN.get(type(step))
        if add is None or not add(step, preparation):
            return None
    return preparation


def _min_max(step: Any, to: Preparation) -> bool:
    to.add("Mul", to.latest, step.scale_)
    to.add("Add", to.latest, step.min_)
    if step.clip:
        # Not Clip, of which nobody promises that NaN stays NaN.
        for beyond, end in zip(("Less", "Greater"), step.feature_range, strict=True):
            scaled, bound = to.latest, np.float64(end)
            to.add("Where", to.add(beyond, scaled, bound), bound, scaled)
    return True


def _standard(step: Any, to: Preparation) -> bool:
    if step.with_mean:
        to.add("Sub", to.latest, step.mean_)
    if step.with_std:
        to.add("Div", to.latest, step.scale_)
    return True


def _impute(step: Any, to: Preparation) -> bool:
    filling = step.statistics_
    only_nan = isinstance(step.missing_values, float) and np.isnan(step.missing_values)
    if not only_nan or step.add_indicator or filling.dtype != np.float64 or np.isnan(filling).any():
        return False
    given = to.latest
    to.add("Where", to.add("IsNaN", given), filling, given)
    return True


_KNOWN: dict[type, Callable[[Any, Preparation], bool]] = {
    MinMaxScaler: _min_max,
    StandardScaler: _standard,
    SimpleImputer: _impute,
}
