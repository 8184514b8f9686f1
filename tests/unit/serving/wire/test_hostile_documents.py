"""Small requests that are wrong in many places cost no more than their first mistake."""

from __future__ import annotations

import tracemalloc
from typing import Any

import orjson
import pytest

from serving.bundle import BundleManifest, FeatureSpec, Task
from serving.errors import BadRequest
from serving.wire.schema import InputSchema
from serving.wire.v2_request import read_v2

SCHEMA = InputSchema(
    BundleManifest(
        model="toy", task=Task.MULTICLASS, features=(FeatureSpec(name="a"),), classes=("yes", "no", "perhaps")
    )
)
TENSOR = {"name": "a", "shape": [1], "datatype": "FP64", "data": [1]}
MANY = 4096
HOSTILE: dict[str, tuple[dict[str, Any], str]] = {
    "wrong parameters": (
        {"inputs": [TENSOR | {"parameters": {str(n): [] for n in range(MANY)}}] * 4},
        "In 'inputs.0.parameters', '0' is a list: it must be a boolean, a number or a text.",
    ),
    "wrong parameters of the request": (
        {"inputs": [TENSOR], "parameters": {str(n): None for n in range(MANY)}},
        "In 'parameters', '0' is null: it must be a boolean, a number or a text.",
    ),
    "empty shapes": (
        {"inputs": [{"name": "a", "shape": []}] * MANY},
        "'inputs.0.shape' has 0 lengths: it must have one or two.",
    ),
    "empty tensors": ({"inputs": [{}] * MANY}, "'inputs.0.name' is required and is missing."),
    "empty outputs": (
        {"inputs": [TENSOR], "outputs": [{}] * MANY},
        "'outputs.0.name' is required and is missing.",
    ),
    "a long shape": (
        {"inputs": [TENSOR | {"shape": ["x"] * MANY}]},
        f"'inputs.0.shape' has {MANY} lengths: it must have one or two.",
    ),
    "a parameter of a long name": (
        {"inputs": [TENSOR], "parameters": {"x" * MANY: []}},
        "In 'parameters', '" + "x" * 56 + "... is a list: it must be a boolean, a number or a text.",
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_only_the_first_of_many_mistakes_is_looked_at(name: str):
    content, sentence = HOSTILE[name]
    body = orjson.dumps(content)
    tracemalloc.start()
    try:
        with pytest.raises(BadRequest) as told:
            read_v2(body, None, SCHEMA)
        _, most_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert str(told.value) == sentence
    # What the JSON itself becomes is the most of it; a finding for each mistake would be many times that.
    assert most_bytes < 400 * MANY + 20 * len(body)
