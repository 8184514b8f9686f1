# pyright: basic
# skl2onnx, onnxmltools and onnx are not typed.
"""From a fitted estimator to graphs that may answer the same; whether they do is not known here.

The steps before the last are written in double precision. The last one sees what its own library would make
of their result: most trees read single precision, all others double where that can be run.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import onnx
from lightgbm import LGBMClassifier
from onnx import ModelProto, TensorProto, helper, numpy_helper
from onnxmltools.convert.lightgbm.operator_converters.LightGbm import convert_lightgbm
from onnxmltools.convert.xgboost.operator_converters.XGBoost import convert_xgboost
from skl2onnx import to_onnx, update_registered_converter
from skl2onnx.common.data_types import DoubleTensorType, FloatTensorType
from skl2onnx.common.shape_calculator import calculate_linear_classifier_output_shapes
from sklearn.ensemble import (
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.tree import DecisionTreeClassifier
from xgboost import XGBClassifier

from ct.engine_choice.preparing import Preparation, prepare
from serving.engines.onnx import PROBABILITIES, ROWS

#: versions of the operators that the locked ONNX Runtime knows well
OPERATORS = {"": 18, "ai.onnx.ml": 3}

#: these turn their rows into single precision before they look at them
READ_SINGLE = (
    XGBClassifier,
    DecisionTreeClassifier,
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    RandomForestClassifier,
)


def graphs(estimator: Any, features: int) -> Iterator[bytes]:
    """Ways to compute ``estimator`` over ``features`` columns, the one that is likeliest to be exact first.

    A way that can't be written is left out; the converters raise whatever they like.
    """
    steps = _steps(estimator)
    preparation = prepare(steps[:-1], ROWS)
    if preparation is None:
        yield _only_probabilities(_converted(estimator, ROWS, FloatTensorType([None, features])))
        return
    width = getattr(steps[-1], "n_features_in_", features)
    for kind in _kinds(steps[-1]):
        last = _converted(steps[-1], "prepared", kind([None, width]))
        if isinstance(steps[-1], HistGradientBoostingClassifier):
            _split_in_double(last, steps[-1])
        yield _only_probabilities(_joined(preparation, last, kind, features))


def is_plain_arithmetic(estimator: Any) -> bool:
    """Whether the native engine computes all of ``estimator`` itself, in a few operations on whole arrays."""
    steps = _steps(estimator)
    return type(steps[-1]) is LogisticRegression and prepare(steps[:-1], ROWS) is not None


def _steps(estimator: Any) -> list[Any]:
    steps = [step for _, step in estimator.steps] if type(estimator) is Pipeline else [estimator]
    return [step for step in steps[:-1] if step is not None and step != "passthrough"] + steps[-1:]


def _kinds(last: Any) -> tuple[Any, ...]:
    if isinstance(last, READ_SINGLE):
        return (FloatTensorType,)
    # Trees that split in double precision are written so below; other converters may not know how.
    splits = isinstance(last, LGBMClassifier | HistGradientBoostingClassifier)
    return (DoubleTensorType,) if splits else (DoubleTensorType, FloatTensorType)


def _converted(estimator: Any, name: str, kind: Any) -> Any:
    _register()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # converters warn about themselves
        options = {id(estimator): {"zipmap": False}}
        return to_onnx(estimator, initial_types=[(name, kind)], options=options, target_opset=OPERATORS)


def _register() -> None:
    """Teach skl2onnx the two libraries; doing so again changes nothing."""
    options = {"nocl": [True, False], "zipmap": [True, False, "columns"]}
    for kind, alias, convert in (
        (XGBClassifier, "XGBoostXGBClassifier", convert_xgboost),
        (LGBMClassifier, "LightGbmLGBMClassifier", _convert_lightgbm),
    ):
        shapes = calculate_linear_classifier_output_shapes
        update_registered_converter(kind, alias, shapes, convert, options=options)


def _convert_lightgbm(scope: Any, operator: Any, container: Any) -> None:
    convert_lightgbm(scope, operator, _ThresholdsInDouble(container))


class _ThresholdsInDouble:
    """What LightGBM's converter writes into.

    It hands over thresholds in the double precision that LightGBM compares in, but for the older of the two
    attributes that a node may hold them in, which would round them.
    """

    def __init__(self, container: Any) -> None:
        self._container = container

    def __getattr__(self, name: str) -> Any:
        return getattr(self._container, name)

    def add_node(self, operator: str, *arguments: Any, **attributes: Any) -> None:
        """Add a node, with exact thresholds if it is the trees."""
        if operator == "TreeEnsembleClassifier":
            exact = np.array(attributes.pop("nodes_values"), dtype=np.float64)
            attributes["nodes_values_as_tensor"] = numpy_helper.from_array(exact, "nodes_values")
            attributes["op_version"] = OPERATORS["ai.onnx.ml"]
        self._container.add_node(operator, *arguments, **attributes)


def _split_in_double(model: ModelProto, estimator: Any) -> None:
    """Give the trees their thresholds in double precision, in which this estimator compares."""
    trees = [tree.nodes for iteration in estimator._predictors for tree in iteration]  # noqa: SLF001
    exact = np.concatenate([np.where(tree["is_leaf"], 0.0, tree["num_threshold"]) for tree in trees])
    (node,) = (node for node in model.graph.node if node.op_type == "TreeEnsembleClassifier")
    (rounded,) = (found for found in node.attribute if found.name == "nodes_values")
    if len(rounded.floats) != len(exact):
        raise ValueError(f"the graph has {len(rounded.floats)} nodes, the trees {len(exact)}")
    node.attribute.remove(rounded)
    tensor = numpy_helper.from_array(exact, "nodes_values")
    node.attribute.append(helper.make_attribute("nodes_values_as_tensor", tensor))
    for imported in model.opset_import:  # skl2onnx states the oldest version that it needs, this needs 3
        imported.version = max(imported.version, OPERATORS[imported.domain])


def _joined(preparation: Preparation, last: ModelProto, kind: Any, features: int) -> ModelProto:
    """One graph from rows of doubles through ``preparation`` to the outputs of ``last``."""
    precision = TensorProto.FLOAT if kind is FloatTensorType else TensorProto.DOUBLE
    bridge = helper.make_node("Cast", [preparation.latest], ["prepared"], name="to_last_step", to=precision)
    graph = helper.make_graph(
        [*preparation.nodes, bridge, *last.graph.node],
        "model",
        [helper.make_tensor_value_info(ROWS, TensorProto.DOUBLE, [None, features])],
        list(last.graph.output),
        [*preparation.constants, *last.graph.initializer],
    )
    return helper.make_model(graph, opset_imports=list(last.opset_import), ir_version=last.ir_version)


def _only_probabilities(model: ModelProto) -> bytes:
    """The graph without what nobody asks for, under fixed names and without a word about who made it."""
    graph = model.graph
    _, wanted = (output.name for output in graph.output)
    kept: list[Any] = []
    if wanted != PROBABILITIES:
        kept.append(helper.make_node("Identity", [wanted], [PROBABILITIES], name="to_probabilities"))
    needed = {wanted}
    for node in reversed(graph.node):
        if needed & set(node.output):
            kept.insert(0, node)
            needed |= set(node.input)
    # skl2onnx may declare doubles where trees answer floats: what comes out is left to be inferred.
    output = onnx.ValueInfoProto(name=PROBABILITIES)
    constants = [constant for constant in graph.initializer if constant.name in needed]
    alone = helper.make_graph(kept, "model", list(graph.input), [output], constants)
    made = helper.make_model(alone, opset_imports=list(model.opset_import), ir_version=model.ir_version)
    return made.SerializeToString(deterministic=True)
