"""What a client sent for a private feature is in no sentence, since sentences are logged."""

from __future__ import annotations

from typing import Any

import numpy as np
import orjson
import pytest

from serving.bundle import BundleManifest, FeatureSpec, FeatureType, Task
from serving.errors import BadRequest
from serving.wire.schema import InputSchema
from serving.wire.v1 import read_v1
from serving.wire.v2_request import read_v2

FEATURES = (
    FeatureSpec(name="age", dtype=FeatureType.INTEGER),
    FeatureSpec(name="salary", dtype=FeatureType.INTEGER, private=True),
    FeatureSpec(name="member", dtype=FeatureType.BOOLEAN, private=True),
)
SCHEMA = InputSchema(
    BundleManifest(model="toy", task=Task.MULTICLASS, features=FEATURES, classes=("yes", "no", "perhaps"))
)
SECRET = 48151.5
EVENT = {"specversion": "1", "source": "s", "type": "t", "id": "i", "time": "now"}


def told_in_v1(body: Any) -> str:
    with pytest.raises(BadRequest) as told:
        read_v1(orjson.dumps(body), SCHEMA)
    return str(told.value)


def told_in_v2(tensors: Any, behind: bytes | None = None) -> str:
    text = orjson.dumps({"inputs": tensors})
    with pytest.raises(BadRequest) as told:
        read_v2(text + (behind or b""), None if behind is None else str(len(text)), SCHEMA)
    return str(told.value)


def tensor(name: str, data: Any, datatype: str = "FP64") -> dict[str, Any]:
    return {"name": name, "shape": [1], "datatype": datatype, "data": data}


def matrix(data: Any, datatype: str = "FP64") -> dict[str, Any]:
    return tensor("x", data, datatype) | {"shape": [1, 3]}


V1 = {
    "a fraction": {"instances": [[1, SECRET, 0]]},
    "a text": {"instances": [{"age": 1, "salary": f"{SECRET}", "member": 0}]},
    "a list": {"instances": [[1, [SECRET], 0]]},
    "not a boolean": {"instances": [[1, 1, SECRET]]},
    "instances that are a row": {"instances": {"salary": SECRET}},
    "a row that is a value": {"instances": [SECRET]},
    "data that is a row": EVENT | {"data": [1, SECRET, 0]},
    "a body that is a row": [1, SECRET, 0],
}


@pytest.mark.parametrize("name", V1)
def test_no_v1_sentence_shows_a_private_value(name: str):
    assert "48151" not in told_in_v1(V1[name])


NAMED = [tensor("age", [1]), tensor("member", [1])]
V2 = {
    "a fraction": [*NAMED, tensor("salary", [SECRET])],
    "a text": [*NAMED, tensor("salary", [f"{SECRET}"])],
    "a fraction in integers": [*NAMED, tensor("salary", [SECRET], "INT32")],
    "too large": [*NAMED, tensor("salary", [48151], "INT8")],
    "a text in a matrix": [matrix([1, f"{SECRET}", 0])],
    "a fraction in a matrix": [matrix([1, SECRET, 0])],
    "a fraction in a matrix of integers": [matrix([1, SECRET, 0], "INT32")],
    "too large in a matrix": [matrix([1, 48151, 0], "INT8")],
    "data that is a value": [*NAMED, tensor("salary", SECRET)],
    "a tensor that is a value": [SECRET],
    "inputs that are a value": {"salary": SECRET},
}


@pytest.mark.parametrize("name", V2)
def test_no_v2_sentence_shows_a_private_value(name: str):
    assert "48151" not in told_in_v2(V2[name])


def test_no_sentence_shows_a_private_byte():
    binary = {"name": "member", "shape": [1], "datatype": "BOOL", "parameters": {"binary_data_size": 1}}
    sentence = told_in_v2([NAMED[0], tensor("salary", [1]), binary], np.uint8([215]).tobytes())
    assert "215" not in sentence
    assert "member" in sentence


def test_a_value_that_is_nobodys_secret_is_shown_beside_private_ones():
    assert told_in_v1({"instances": [[1.5, 1, 0]]}) == "Row 0, age is 1.5: it must be a whole number."
    assert "age' holds 300:" in told_in_v2([tensor("age", [300], "INT8"), tensor("salary", [1]), NAMED[1]])
    assert told_in_v1({"instances": [[1, SECRET, 0]]}) == (
        "Row 0, salary is a number: it must be a whole number."
    )
