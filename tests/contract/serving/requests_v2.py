"""Open Inference Protocol requests, right and wrong, by what is special about each."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from typing import Any

import numpy as np

from tests.contract.serving.exchange import JSON_LENGTH, Asked, v2
from tests.unit.serving.small_app import FEATURES

Tensor = dict[str, Any]

NUMBERS = [f"{kind}{bits}" for kind in ("INT", "UINT") for bits in (8, 16, 32, 64)] + ["FP32", "FP64"]
DTYPES = {"BOOL": "?", "FP16": "<f2", "FP32": "<f4", "FP64": "<f8"} | {
    f"{kind}{bits}": f"<{letter}{bits // 8}"
    for kind, letter in (("INT", "i"), ("UINT", "u"))
    for bits in (8, 16, 32, 64)
}
ROWS = [[1, 2, 0], [-2, 3, 1]]
#: where a tensor says so, the member is left out
ABSENT = object()


def tensor(**members: Any) -> Tensor:
    """A tensor of one row for all features, but for ``members``."""
    given = {"name": "x", "shape": [1, 3], "datatype": "FP64", "data": [1, 2, 0]} | members
    return {name: value for name, value in given.items() if value is not ABSENT}


def column(name: str, values: list[Any], datatype: str = "FP64", shape: list[int] | None = None) -> Tensor:
    """A tensor of one feature."""
    return tensor(name=name, shape=shape or [len(values)], datatype=datatype, data=values)


def columns(**changed: Tensor) -> list[Tensor]:
    """A tensor for each feature, of two rows."""
    values = zip(*ROWS, strict=True)
    given = {name: column(name, list(of_one)) for name, of_one in zip(FEATURES, values, strict=True)}
    return list((given | changed).values())


def binary(one: Tensor) -> tuple[Tensor, bytes]:
    """The tensor with its values behind the JSON, and those bytes."""
    content = np.array(one["data"], dtype=DTYPES[one["datatype"]]).tobytes()
    bare = {name: value for name, value in one.items() if name != "data"}
    return bare | {"parameters": {"binary_data_size": len(content)}}, content


def in_binary(tensors: list[Tensor], **members: Any) -> Asked:
    """A request with all of ``tensors`` in binary."""
    pairs = [binary(one) for one in tensors]
    return v2({"inputs": [one for one, _ in pairs], **members}, b"".join(behind for _, behind in pairs))


def requests() -> Iterator[tuple[str, Asked]]:
    """Each request with its name."""
    yield from _datatypes()
    yield from _shapes()
    yield from _answers()
    yield from _wrong_documents()
    yield from _wrong_values()
    yield from _wrong_bytes()
    yield from _elsewhere()


def _datatypes() -> Iterator[tuple[str, Asked]]:
    for datatype in NUMBERS:
        one = tensor(datatype=datatype)
        yield f"{datatype} in JSON", v2({"inputs": [one]})
        yield f"{datatype} in binary", in_binary([one])
    yield "FP16 in binary", in_binary([tensor(datatype="FP16")])
    yield "FP16 in JSON", v2({"inputs": [tensor(datatype="FP16")]})
    member = column("member", [False, True], "BOOL")
    yield "BOOL in JSON", v2({"inputs": columns(member=member)})
    yield "BOOL in binary", in_binary(columns(member=member))
    yield "BOOL as a number that is neither 0 nor 1, in binary", _with_byte_two(member)
    yield (
        "a datatype for each feature",
        in_binary([column("age", [1.5, -2], "FP32"), column("visits", [2, 3], "UINT8"), member]),
    )
    yield "FP32 that loses digits", v2({"inputs": [tensor(datatype="FP32", data=[0.1, 2, 0])]})
    yield (
        "the largest integers",
        v2({"inputs": columns(visits=column("visits", [2**63 - 1, -(2**63)], "INT64"))}),
    )
    yield "UINT64 above INT64", v2({"inputs": columns(visits=column("visits", [2**64 - 1, 0], "UINT64"))})


def _with_byte_two(member: Tensor) -> Asked:
    asked = in_binary(columns(member=member))
    return Asked(asked.path, asked.content[:-1] + b"\x02", asked.headers)


def _shapes() -> Iterator[tuple[str, Asked]]:
    flat = [value for row in ROWS for value in row]
    yield "flat", v2({"inputs": [tensor(shape=[2, 3], data=flat)]})
    yield "nested", v2({"inputs": [tensor(shape=[2, 3], data=ROWS)]})
    yield "binary matrix", in_binary([tensor(shape=[2, 3], data=flat)])
    yield "named [n]", v2({"inputs": columns()})
    yield "named [n, 1] flat", v2({"inputs": columns(age=column("age", [1, -2], shape=[2, 1]))})
    yield "named [n, 1] nested", v2({"inputs": columns(age=column("age", [[1], [-2]], shape=[2, 1]))})
    yield "named in another order", v2({"inputs": list(reversed(columns()))})
    yield "named in binary, in another order", in_binary(list(reversed(columns())))
    age, content = binary(columns()[0])
    yield "some in binary, some in JSON", v2({"inputs": [*columns()[1:], age]}, content)
    yield "JSON alone with its length", v2({"inputs": [tensor()]}, b"")


def _answers() -> Iterator[tuple[str, Asked]]:
    one = {"inputs": [tensor()]}
    in_binary_too = {"binary_data": True}
    yield "an id", v2(one | {"id": "mine"})
    yield "an id of other letters", v2(one | {"id": "\u00fc \u2713 \"'"})
    yield "an empty id", v2(one | {"id": ""})
    yield "no id", v2(one)
    yield "unknown parameters", v2(one | {"parameters": {"a": 1, "b": "c", "d": True, "e": 0.5}})
    yield "unknown members", v2(one | {"surprise": [1]})
    for name in ("label", "probabilities"):
        yield f"only {name}", v2(one | {"outputs": [{"name": name}]})
        yield f"only {name} in binary", v2(one | {"outputs": [{"name": name, "parameters": in_binary_too}]})
    both = [{"name": "probabilities"}, {"name": "label"}]
    yield "outputs in another order", v2(one | {"outputs": both})
    yield "outputs listed as none", v2(one | {"outputs": []})
    yield "all outputs in binary", v2(one | {"parameters": {"binary_data_output": True}})
    yield "all outputs in JSON", v2(one | {"parameters": {"binary_data_output": False}})
    yield "binary in and out", in_binary([tensor()], parameters={"binary_data_output": True})
    mixed = [{"name": "label"}, {"name": "probabilities", "parameters": in_binary_too}]
    yield "outputs of both kinds", v2(one | {"outputs": mixed})
    overruled = [{"name": "label", "parameters": {"binary_data": False}}, both[0]]
    everything = {"parameters": {"binary_data_output": True}}
    yield "listed outputs under a binary default", v2(one | everything | {"outputs": overruled})


def _wrong_documents() -> Iterator[tuple[str, Asked]]:
    wrong: dict[str, Any] = {
        "a list": [1],
        "a text": "hello",
        "no inputs": {},
        "empty inputs": {"inputs": []},
        "inputs no list": {"inputs": {"x": 1}},
        "a tensor that is none": {"inputs": [7]},
        "an id that is a number": {"inputs": [tensor()], "id": 5},
        "parameters no object": {"inputs": [tensor()], "parameters": [1]},
        "an unknown output": {"inputs": [tensor()], "outputs": [{"name": "odds"}]},
        "an output asked for twice": {"inputs": [tensor()], "outputs": [{"name": "label"}] * 2},
        "an output without name": {"inputs": [tensor()], "outputs": [{}]},
        "a binary default that is a text": {
            "inputs": [tensor()],
            "parameters": {"binary_data_output": "no"},
        },
    }
    for name, body in wrong.items():
        yield name, v2(body)
    for member in ("name", "shape", "datatype", "data"):
        yield f"a tensor without {member}", v2({"inputs": [tensor(**{member: ABSENT})]})
    content = v2({"inputs": [tensor()]})
    for name, body in {
        "nothing": b"",
        "half a JSON": content.content[:40],
        "no UTF-8": b"\xff\xfe\x00",
        "a JSON that is too deep": b"[" * 5000,
        "NaN": content.content.replace(b"2", b"NaN"),
        "a number too large for JSON": content.content.replace(b"2", b"1e999"),
    }.items():
        yield name, Asked(content.path, body, content.headers)


def _wrong_values() -> Iterator[tuple[str, Asked]]:
    for name, members in {
        "text in floats": {"data": ["1", 2, 0]},
        "a boolean in floats": {"data": [True, 2, 0]},
        "fractions in integers": {"datatype": "INT32", "data": [1, 2.5, 0]},
        "null in integers": {"datatype": "INT32", "data": [1, None, 0]},
        "null in floats": {"data": [1, None, 0]},
        "too large for INT8": {"datatype": "INT8", "data": [1, 300, 0]},
        "negative in UINT8": {"datatype": "UINT8", "data": [1, -1, 0]},
        "too large for FP32": {"datatype": "FP32", "data": [1e300, 2, 0]},
        "an unknown datatype": {"datatype": "FP65"},
        "BYTES": {"datatype": "BYTES", "data": ["1", "2", "0"]},
        "BOOL for numbers": {"datatype": "BOOL", "data": [True, True, False]},
        "numbers in BOOL": {"datatype": "BOOL"},
        "too few values": {"data": [1, 2]},
        "too many values": {"data": [1, 2, 0, 1]},
        "ragged rows": {"shape": [2, 3], "data": [[1, 2, 0], [1, 2]]},
        "nested otherwise than the shape": {"shape": [1, 3], "data": [[1], [2], [0]]},
        "three dimensions": {"shape": [1, 1, 3]},
        "a negative length": {"shape": [-1, 3]},
        "a length that is a text": {"shape": ["1", "3"]},
        "too wide": {"shape": [1, 4], "data": [1, 2, 0, 1]},
        "no rows": {"shape": [0, 3], "data": []},
        "too many rows": {"shape": [9, 3], "data": ROWS[0] * 9},
        "a boolean that is neither": {"data": [1, 2, 3]},
        "a fraction for a whole number": {"data": [1, 2.5, 0]},
    }.items():
        yield name, v2({"inputs": [tensor(**members)]})
    yield "a missing feature", v2({"inputs": columns()[:2]})
    yield "a doubled feature", v2({"inputs": [*columns(), columns()[0]]})
    yield "an unknown feature", v2({"inputs": [*columns(), column("hat", [1, 2])]})
    yield "unequal columns", v2({"inputs": columns(age=column("age", [1]))})


def _wrong_bytes() -> Iterator[tuple[str, Asked]]:
    right = in_binary([tensor()])
    for name, content in {
        "a byte too few": right.content[:-1],
        "a byte too many": right.content + b"\x00",
        "another binary_data_size": right.content.replace(b"24", b"16"),
        "a binary_data_size that is a text": right.content.replace(b"24", b'"'),
    }.items():
        yield name, Asked(right.path, content, right.headers)
    length = len(v2({"inputs": [binary(tensor())[0]]}).content)
    for name, given in {
        "a JSON length that is a text": "many",
        "a JSON length that is negative": "-1",
        "a JSON length beyond the body": "9999",
        "a JSON length that is too short": str(length - 5),
        "a JSON length that is too long": str(length + 5),
    }.items():
        yield name, Asked(right.path, right.content, {**right.headers, JSON_LENGTH: given})
    headers = {name: value for name, value in right.headers.items() if name != JSON_LENGTH}
    yield "binary without the JSON's length", Asked(right.path, right.content, headers)
    bare, _ = binary(tensor())
    yield "a binary tensor without bytes", v2({"inputs": [bare]})
    both, content = tensor(parameters={"binary_data_size": 24}), bytes(24)
    yield "values in JSON and in binary", v2({"inputs": [both]}, content)
    nan = np.array([np.nan, 2, 0]).tobytes()
    yield "NaN in binary", v2({"inputs": [bare]}, nan)


def _elsewhere() -> Iterator[tuple[str, Asked]]:
    asked = v2({"inputs": [tensor()]})
    for name, path in {
        "another model": "/v2/models/other/infer",
        "the served version": "/v2/models/toy/versions/3/infer",
        "another version": "/v2/models/toy/versions/4/infer",
    }.items():
        yield name, Asked(path, asked.content, asked.headers)
    packed = {**asked.headers, "content-encoding": "gzip"}
    yield "gzip", Asked(asked.path, gzip.compress(asked.content, mtime=0), packed)
    yield "damaged gzip", Asked(asked.path, b"no gzip", packed)
    yield "inference with GET", Asked(asked.path, method="GET")
