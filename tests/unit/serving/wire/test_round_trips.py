"""The same rows come out of every way to write them, and the same answer out of every way to read it."""

from __future__ import annotations

import struct
from typing import Any

import numpy as np
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

from serving.bundle import BundleManifest, FeatureSpec, MissingValues, Task
from serving.decision import decide
from serving.wire.schema import InputSchema
from serving.wire.v1 import read_v1, write_v1
from serving.wire.v2_request import V2Call, read_v2
from serving.wire.v2_response import V2Writer

NAMES = ("a", "b", "c")
VALUES = st.floats(allow_nan=True, allow_infinity=False)
ROWS = arrays.arrays(np.float64, st.tuples(st.integers(1, 6), st.just(3)), elements=VALUES)


def manifest(*classes: int | str) -> BundleManifest:
    return BundleManifest(
        model="toy",
        task=Task.MULTICLASS,
        features=tuple(FeatureSpec(name=name, nullable=True) for name in NAMES),
        classes=classes,
        missing_values=MissingValues.ACCEPT,
    )


SCHEMA = InputSchema(manifest(1, 2))


def nulls(rows: NDArray[np.float64]) -> Any:
    """Nested lists, with null for NaN."""
    return [[None if np.isnan(value) else value for value in row] for row in rows.tolist()]


def json_matrix(rows: NDArray[np.float64], nested: list[Any]) -> V2Call:
    tensor = {"name": "x", "shape": rows.shape, "datatype": "FP64", "data": nested}
    return read_v2(orjson.dumps({"inputs": [tensor]}), None, SCHEMA)


def json_columns(rows: NDArray[np.float64], nested: list[Any]) -> V2Call:
    tensors = [
        {"name": name, "shape": [len(rows)], "datatype": "FP64", "data": [row[column] for row in nested]}
        for column, name in reversed(list(enumerate(NAMES)))
    ]
    return read_v2(orjson.dumps({"inputs": tensors}), None, SCHEMA)


def binary_matrix(rows: NDArray[np.float64], padding: int) -> V2Call:
    tensor = {
        "name": "x" * padding,
        "shape": rows.shape,
        "datatype": "FP64",
        "parameters": {"binary_data_size": rows.nbytes},
    }
    text = orjson.dumps({"inputs": [tensor]})
    return read_v2(text + rows.tobytes(), str(len(text)), SCHEMA)


@given(rows=ROWS, padding=st.integers(1, 9))
def test_rows_are_the_same_however_they_are_written(rows: NDArray[np.float64], padding: int):
    nested = nulls(rows)
    named = [dict(zip(NAMES, row, strict=True)) for row in nested]
    found = [
        read_v1(orjson.dumps({"instances": nested}), SCHEMA),
        read_v1(orjson.dumps({"instances": named}), SCHEMA),
        json_matrix(rows, nested).rows,
        json_matrix(rows, [value for row in nested for value in row]).rows,
        json_columns(rows, nested).rows,
        # the padding moves the values off the addresses that a float64 would have
        binary_matrix(rows, padding).rows,
    ]
    for one in found:
        np.testing.assert_array_equal(one, rows)


def test_a_binary_tensor_is_looked_at_where_it_lies():
    rows = np.arange(6.0).reshape(2, 3)
    text = orjson.dumps(
        {
            "inputs": [
                {"name": "x", "shape": [2, 3], "datatype": "FP64", "parameters": {"binary_data_size": 48}}
            ]
        }
    )
    body = text + rows.tobytes()
    read = read_v2(body, str(len(text)), SCHEMA).rows
    assert np.shares_memory(read, np.frombuffer(body, np.uint8))


@pytest.mark.parametrize("classes", [("yes", "n\u00f6"), (7, 9)])
@given(chosen=st.lists(st.integers(0, 1), min_size=1, max_size=6), binary=st.booleans())
def test_an_answer_can_be_read_as_it_was_decided(classes: tuple[Any, ...], chosen: list[int], binary: bool):
    described = manifest(*classes)
    decision = decide(described, np.eye(2)[chosen] * 0.6 + 0.2)
    labels = [classes[index] for index in chosen]
    tensor = {"name": "x", "shape": [1, 3], "datatype": "FP64", "data": [1, 2, 3]}
    call = read_v2(
        orjson.dumps({"inputs": [tensor], "parameters": {"binary_data_output": binary}}), None, SCHEMA
    )
    reply = V2Writer(described, "3").write(call, decision)
    assert orjson.loads(write_v1(decision).content) == {"predictions": labels}
    length = int(reply.headers.get("inference-header-content-length", len(reply.content)))
    label, probabilities = orjson.loads(reply.content[:length])["outputs"]
    if binary:
        sizes = [output["parameters"]["binary_data_size"] for output in (label, probabilities)]
        assert sum(sizes) == len(reply.content) - length
        label["data"] = unpacked(reply.content[length : length + sizes[0]], label["datatype"])
        probabilities["data"] = np.frombuffer(reply.content[length + sizes[0] :]).tolist()
    assert label["data"] == labels
    assert probabilities["shape"] == [len(chosen), 2]
    assert probabilities["data"] == decision.probabilities.ravel().tolist()


def unpacked(content: bytes, datatype: str) -> list[Any]:
    """Labels as the binary extension writes them."""
    if datatype == "INT64":
        return np.frombuffer(content, np.int64).tolist()
    texts: list[str] = []
    while content:
        (length,) = struct.unpack_from("<I", content)
        texts.append(content[4 : 4 + length].decode())
        content = content[4 + length :]
    return texts
