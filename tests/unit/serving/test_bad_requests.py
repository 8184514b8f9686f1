"""Every mistake of a client is a sentence in the protocol's error, never a 500."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import json
import socket
from collections.abc import AsyncIterator
from typing import Any

import httpx
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from serving.body import read_body
from serving.errors import BadRequest
from serving.wire.quoted import quoted

V1, V2 = "/v1/models/toy:predict", "/v2/models/toy/infer"
GOOD_TENSOR = {"name": "x", "shape": [1, 3], "datatype": "FP64", "data": [1, 2, 0]}
FEATURES = ("age", "visits", "member")
#: where a test says "absent", the key is taken out
ABSENT = object()


def tensor(**changes: Any) -> dict[str, Any]:
    return {key: value for key, value in (GOOD_TENSOR | changes).items() if value is not ABSENT}


def named(**changes: Any) -> list[dict[str, Any]]:
    base = {name: {"name": name, "shape": [1], "datatype": "FP64", "data": [1]} for name in FEATURES}
    return [tensor | changes.get(name, {}) for name, tensor in base.items()]


V1_CASES: dict[str, tuple[Any, str]] = {
    "no object": ([1], "must be an object with instances"),
    "no instances": ({"rows": []}, "instances is None"),
    "instances no list": ({"instances": {"age": 1}}, "must be a list of rows"),
    "no rows": ({"instances": []}, "has no rows"),
    "row no list": ({"instances": [7]}, "Row 0 is 7"),
    "too few values": ({"instances": [[1, 2]]}, "Row 0 has 2 values, but the model has 3 features"),
    "too many values": ({"instances": [[1, 2, 0], [1, 2, 0, 4]]}, "Row 1 has 4 values"),
    "text": ({"instances": [["old", 2, 0]]}, "Row 0, age is 'old'"),
    "nested": ({"instances": [[[1], 2, 0]]}, "Row 0, age is [1]"),
    "missing value": ({"instances": [[None, 2, 0]]}, "Row 0, age is missing: a value is required"),
    "boolean for a number": ({"instances": [[True, 2, 0]]}, "Row 0, age is True"),
    "fraction for an integer": ({"instances": [[1, 2.5, 0]]}, "visits is 2.5: it must be a whole number"),
    "number for a boolean": ({"instances": [[1, 2, 3]]}, "member is 3: it must be true or false"),
    "missing feature": ({"instances": [{"age": 1, "member": 0}]}, "The feature visits is missing"),
    "unknown feature": (
        {"instances": [{"age": 1, "visits": 2, "member": 0, "hat": 1}]},
        "'hat' is not a feature",
    ),
    "structured event": (
        {"specversion": "1", "source": "s", "type": "t", "id": "i", "time": "now", "data": 5},
        "must be an object with instances",
    ),
}


@pytest.mark.parametrize("name", V1_CASES)
def test_a_wrong_v1_request_is_answered_with_a_sentence(http: httpx.Client, name: str):
    body, sentence = V1_CASES[name]
    response = http.post(V1, json=body)
    assert (response.status_code, sentence in response.json()["error"]) == (400, True), response.text


V2_CASES: dict[str, tuple[Any, str]] = {
    "no object": ("hello", "must be an object with inputs"),
    "no inputs": ({}, "'inputs' is required"),
    "empty inputs": ({"inputs": []}, "'inputs'"),
    "no name": ({"inputs": [tensor(name=ABSENT)]}, "'inputs.0.name' is required"),
    "no shape": ({"inputs": [tensor(shape=ABSENT)]}, "'inputs.0.shape' is required"),
    "no datatype": ({"inputs": [tensor(datatype=ABSENT)]}, "'inputs.0.datatype' is required"),
    "no data": ({"inputs": [tensor(data=ABSENT)]}, "must be given once"),
    "unknown datatype": ({"inputs": [tensor(datatype="FP65")]}, "is 'FP65': use one of BOOL"),
    "text": ({"inputs": [tensor(datatype="BYTES", data=["a", "b", "c"])]}, "is 'BYTES'"),
    "half floats in JSON": ({"inputs": [tensor(datatype="FP16")]}, "FP16"),
    "text in floats": ({"inputs": [tensor(data=["1", 2, 0])]}, "holds '1': its datatype is FP64"),
    "fractions in integers": ({"inputs": [tensor(datatype="INT32", data=[1, 2.5, 0])]}, "holds 2.5"),
    "null in integers": ({"inputs": [tensor(datatype="INT32", data=[1, None, 0])]}, "holds None"),
    "too large for its type": (
        {"inputs": [tensor(datatype="INT8", data=[1, 300, 0])]},
        "300: that is no INT8",
    ),
    "boolean tensor for numbers": (
        {"inputs": [tensor(datatype="BOOL", data=[True] * 3)]},
        "may not be boolean",
    ),
    "infinite as FP32": (
        {"inputs": [tensor(datatype="FP32", data=[1e300, 2, 0])]},
        "age is inf: it must be finite",
    ),
    "missing value": ({"inputs": [tensor(data=[None, 2, 0])]}, "age is missing"),
    "wrong width": ({"inputs": [tensor(shape=[1, 4], data=[1, 2, 0, 1])]}, "must be of shape [rows, 3]"),
    "three dimensions": ({"inputs": [tensor(shape=[1, 1, 3])]}, "'inputs.0.shape'"),
    "negative shape": ({"inputs": [tensor(shape=[-1, 3])]}, "must not be negative"),
    "shape of text": ({"inputs": [tensor(shape=["1", "3"])]}, "'inputs.0.shape.0'"),
    "no rows": ({"inputs": [tensor(shape=[0, 3], data=[])]}, "has no rows"),
    "too little data": ({"inputs": [tensor(data=[1, 2])]}, "does not fit its shape [1, 3]"),
    "ragged data": ({"inputs": [tensor(shape=[2, 3], data=[[1, 2, 0], [1, 2]])]}, "does not fit its shape"),
    "missing feature": ({"inputs": named()[:2]}, "The feature member is missing"),
    "doubled feature": ({"inputs": [*named(), named()[0]]}, "The feature age is given twice"),
    "unknown feature": (
        {"inputs": [*named(), tensor(name="hat", shape=[1], data=[1])]},
        "'hat' is not a feature",
    ),
    "unequal rows": (
        {"inputs": named(visits={"shape": [2], "data": [1, 2]})},
        "visits is [2]: it must be [1]",
    ),
    "unknown output": (
        {"inputs": [tensor()], "outputs": [{"name": "odds"}]},
        "The output 'odds' does not exist",
    ),
    "doubled output": (
        {"inputs": [tensor()], "outputs": [{"name": "label"}] * 2000},
        "The output label is asked for twice: ask for it once",
    ),
    "output without name": ({"inputs": [tensor()], "outputs": [{}]}, "'outputs.0.name'"),
    "id no text": ({"id": 5, "inputs": [tensor()]}, "'id' is 5"),
    "flag no boolean": (
        {"inputs": [tensor()], "parameters": {"binary_data_output": "no"}},
        "must be true or false",
    ),
    "binary size no number": (
        {"inputs": [tensor(data=ABSENT, parameters={"binary_data_size": True})]},
        "is True",
    ),
    "nothing behind": (
        {"inputs": [tensor(data=ABSENT, parameters={"binary_data_size": 24})]},
        "0 bytes follow",
    ),
    "many inputs": ({"inputs": [{}] * 5000}, "must not have more than 4096"),
}


@pytest.mark.parametrize("name", V2_CASES)
def test_a_wrong_v2_request_is_answered_with_a_sentence(http: httpx.Client, name: str):
    body, sentence = V2_CASES[name]
    response = http.post(V2, json=body)
    assert (response.status_code, sentence in response.json()["error"]) == (400, True), response.text


def test_too_many_rows_are_413_in_both_protocols(http: httpx.Client):
    rows = [[1, 2, 0]] * 9
    inputs = [tensor(shape=[9, 3], data=rows)]
    answers = [http.post(V1, json={"instances": rows}), http.post(V2, json={"inputs": inputs})]
    assert [answer.status_code for answer in answers] == [413, 413]
    assert all("at most 8 are allowed" in answer.json()["error"] for answer in answers)


BINARY = json.dumps({"inputs": [tensor(data=ABSENT, parameters={"binary_data_size": 24})]}).encode()


@pytest.mark.parametrize(
    ("header", "body", "sentence"),
    [
        ("many", BINARY + bytes(24), "must be a number of bytes"),
        ("-1", BINARY + bytes(24), "must be a number of bytes"),
        ("9999", BINARY + bytes(24), "at most the"),
        (str(len(BINARY) - 5), BINARY + bytes(24), "not valid JSON"),
        (str(len(BINARY)), BINARY + bytes(23), "23 bytes follow the JSON"),
        (str(len(BINARY)), BINARY + bytes(25), "25 bytes follow the JSON"),
        (str(len(BINARY)), BINARY[:-3].replace(b"24", b"16") + BINARY[-3:] + bytes(16), "is 24 bytes"),
        ("0", b"", "not valid JSON"),
    ],
)
def test_a_wrong_binary_body_is_answered_with_a_sentence(
    http: httpx.Client, header: str, body: bytes, sentence: str
):
    response = http.post(V2, content=body, headers={"Inference-Header-Content-Length": header})
    assert (response.status_code, sentence in response.json()["error"]) == (400, True), response.text


def test_nan_in_a_binary_tensor_is_refused(http: httpx.Client):
    values = np.array([np.nan, 2, 0]).tobytes()
    headers = {"Inference-Header-Content-Length": str(len(BINARY))}
    assert "age is missing" in http.post(V2, content=BINARY + values, headers=headers).json()["error"]


@pytest.mark.parametrize("path", [V1, V2])
@pytest.mark.parametrize(
    "body", [b"", b"{", b"\xff\xfe", b"[" * 5000, b'{"instances": [[NaN]]}', b'{"a": 1e999}']
)
def test_a_malformed_body_is_400(http: httpx.Client, path: str, body: bytes):
    response = http.post(path, content=body)
    assert response.status_code == 400
    assert response.json()["error"].startswith("The body is not valid JSON")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/v1/models/other:predict", 404),
        ("POST", "/v2/models/other/infer", 404),
        ("POST", "/v2/models/toy/versions/4/infer", 404),
        ("GET", "/v2/models/other", 404),
        ("GET", "/v2/models/toy/versions/x/ready", 404),
        ("GET", "/v1/models/other", 404),
        ("GET", "/nowhere", 404),
        ("GET", "/", 404),
        ("GET", V1, 405),
        ("PUT", V2, 405),
        ("DELETE", "/v2/health/ready", 405),
    ],
)
def test_unknown_things_are_404_and_wrong_methods_405(
    http: httpx.Client, method: str, path: str, status: int
):
    response = http.request(method, path, content=b"{}" if method in {"POST", "PUT"} else None)
    assert response.status_code == status
    assert list(response.json()) == ["error"]


def test_a_body_over_the_limit_is_413_and_the_server_lives(http: httpx.Client):
    def endless():
        for _ in range(17):
            yield b" " * 1024 * 1024

    for body in (b" " * (17 * 1024 * 1024), endless()):
        # the server may close before the rest of the body is sent
        with contextlib.suppress(httpx.WriteError):
            assert http.post(V2, content=body).status_code == 413
    assert http.get("/v2/health/ready").status_code == 200


def test_a_gzip_bomb_is_413(http: httpx.Client):
    bomb = gzip.compress(bytes(200 * 1024 * 1024), compresslevel=1)
    response = http.post(V2, content=bomb, headers={"Content-Encoding": "gzip"})
    assert response.status_code == 413


@pytest.mark.parametrize(
    ("encoding", "body", "status"),
    [("gzip", b"no gzip", 400), ("gzip", gzip.compress(b"{}" * 99, mtime=0)[:-9], 400), ("br", b"{}", 415)],
)
def test_damaged_or_unknown_compression_is_refused(
    http: httpx.Client, encoding: str, body: bytes, status: int
):
    assert http.post(V1, content=body, headers={"Content-Encoding": encoding}).status_code == status


def test_a_body_that_never_ends_is_408():
    async def forever() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.Event().wait()

    with pytest.raises(BadRequest, match=r"did not arrive within 0\.01 s") as told:
        asyncio.run(read_body(forever(), None, None, 1000, limit_seconds=0.01))
    assert told.value.status == 408


def test_a_large_wrong_body_is_shown_in_short_and_at_once():
    assert quoted(list(range(10_000_000))) == "[0, 1, 2, 3, 4, 5, ...]"
    assert len(quoted("x" * 10_000_000)) == 60


def test_a_client_that_leaves_midway_disturbs_nobody(server: Any, http: httpx.Client):
    host, port = server.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(f"POST {V1} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{{".encode())
    assert http.post(V1, json={"instances": [[1, 2, 0]]}).status_code == 200


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
TENSORS = st.fixed_dictionaries(
    {},
    optional={
        "name": st.sampled_from([*FEATURES, "x"]) | JSON,
        "shape": st.lists(st.integers(-1, 4), max_size=3) | JSON,
        "datatype": st.sampled_from(["FP64", "FP32", "FP16", "INT8", "UINT64", "BOOL", "BYTES"]) | JSON,
        "data": st.lists(st.integers(-300, 300) | st.floats(), max_size=6) | JSON,
        "parameters": st.fixed_dictionaries({"binary_data_size": st.integers(-1, 40) | JSON}) | JSON,
    },
)
OUTPUTS = st.lists(
    st.fixed_dictionaries({"name": st.sampled_from(["label", "probabilities"]) | JSON}) | JSON, max_size=3
)
REQUESTS = st.fixed_dictionaries(
    {"inputs": st.lists(TENSORS, max_size=4) | JSON},
    optional={"id": st.text() | JSON, "parameters": JSON, "outputs": OUTPUTS | JSON},
)
INSTANCES = st.fixed_dictionaries(
    {"instances": st.lists(st.lists(st.integers() | st.floats() | JSON, max_size=4) | JSON, max_size=3)}
)
SLOW_IS_FINE = settings(
    max_examples=120,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)


def never_500(http: httpx.Client, path: str, body: bytes, headers: dict[str, str] | None = None) -> None:
    response = http.post(path, content=body, headers=headers)
    assert response.status_code in {200, 400, 413}, response.text
    if response.status_code != 200:
        assert list(response.json()) == ["error"]


@SLOW_IS_FINE
@given(body=JSON | REQUESTS)
def test_no_json_makes_v2_fail(http: httpx.Client, body: Any):
    never_500(http, V2, json.dumps(body).encode())


@SLOW_IS_FINE
@given(body=JSON | INSTANCES)
def test_no_json_makes_v1_fail(http: httpx.Client, body: Any):
    never_500(http, V1, json.dumps(body).encode())


@SLOW_IS_FINE
@given(body=REQUESTS, behind=st.binary(max_size=40), cut=st.integers(-3, 3))
def test_no_binary_body_makes_v2_fail(http: httpx.Client, body: Any, behind: bytes, cut: int):
    text = json.dumps(body).encode()
    never_500(http, V2, text + behind, {"Inference-Header-Content-Length": str(len(text) + cut)})


@SLOW_IS_FINE
@given(
    body=st.binary(max_size=200),
    headers=st.dictionaries(st.sampled_from(["ce-id", "content-type"]), st.just("x")),
)
def test_no_bytes_make_v1_fail(http: httpx.Client, body: bytes, headers: dict[str, str]):
    never_500(http, V1, body, headers)
