"""Whatever comes in over the inference routes, the answer is the protocols', never a 500, and the next one is
answered as if nothing had been."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.contract.serving.applications import Both
from tests.contract.serving.exchange import JSON_LENGTH, Answered, Asked
from tests.unit.serving.small_app import FEATURES

Ask = Callable[[Any, Asked], Answered]

V1, V2 = "/v1/models/toy:predict", "/v2/models/toy/infer"
RIGHT = Asked(V1, b'{"instances": [[1, 2, 0]]}')
EXAMPLES = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
NUMBERS = st.integers(-300, 300) | st.floats(-9, 9) | st.booleans() | st.none()
DATATYPES = st.sampled_from(["FP64", "FP32", "FP16", "INT8", "INT64", "UINT64", "BOOL", "BYTES"])
PARAMETERS = st.fixed_dictionaries(
    {}, optional={"binary_data_size": st.integers(-1, 40) | JSON, "binary_data": st.booleans() | JSON}
)
TENSORS = st.fixed_dictionaries(
    {
        "name": st.sampled_from([*FEATURES, "x"]),
        "shape": st.sampled_from([[1, 3], [2, 3], [1], [2, 1], [0, 3]]) | JSON,
        "datatype": DATATYPES | JSON,
    },
    optional={
        "data": st.lists(NUMBERS, max_size=6) | st.lists(st.lists(NUMBERS, max_size=3), max_size=3) | JSON,
        "parameters": PARAMETERS | JSON,
    },
)
NAMES = st.sampled_from(["label", "probabilities"])
OUTPUTS = st.fixed_dictionaries({"name": NAMES | JSON}, optional={"parameters": PARAMETERS | JSON})
INFERENCES = st.fixed_dictionaries(
    {"inputs": st.lists(TENSORS | JSON, max_size=4) | JSON},
    optional={
        "id": st.text(max_size=8) | JSON,
        "outputs": st.lists(OUTPUTS | JSON, max_size=3) | JSON,
        "parameters": st.fixed_dictionaries({"binary_data_output": st.booleans() | JSON}) | JSON,
    },
)
VALUES = st.integers() | st.floats() | JSON
ROWS = st.lists(VALUES, max_size=4) | st.dictionaries(st.sampled_from([*FEATURES, "x"]), VALUES, max_size=4)
PREDICTIONS = st.fixed_dictionaries({"instances": st.lists(ROWS | JSON, max_size=10) | JSON})
#: header values without line breaks, which no HTTP server passes on
VALUE = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=20)
HEADERS = st.dictionaries(
    st.sampled_from(
        [
            "accept",
            "ce-id",
            "content-encoding",
            "content-type",
            "expect",
            "traceparent",
            "x-request-timeout-seconds",
        ]
    ),
    VALUE | st.sampled_from(["gzip", "identity", "1e-9", "nan", "-1", "inf"]),
    max_size=3,
)


def is_answered(both: Both, answer: Ask, asked: Asked) -> None:
    answered = answer(both.ours, asked)
    assert answered.status in {200, 400, 413, 415, 504}, answered
    assert answered.is_error is (answered.status != 200), answered
    assert answer(both.ours, RIGHT).document == {"predictions": ["leaves"]}


@EXAMPLES
@given(path=st.sampled_from([V1, V2]), body=st.binary(max_size=200), headers=HEADERS)
def test_bytes(applications: Both, answer: Ask, path: str, body: bytes, headers: dict[str, str]):
    is_answered(applications, answer, Asked(path, body, headers))


@EXAMPLES
@given(body=INFERENCES | JSON, headers=HEADERS)
def test_inferences(applications: Both, answer: Ask, body: Any, headers: dict[str, str]):
    is_answered(applications, answer, Asked(V2, json.dumps(body).encode(), headers))


@EXAMPLES
@given(body=PREDICTIONS | JSON, headers=HEADERS)
def test_predictions(applications: Both, answer: Ask, body: Any, headers: dict[str, str]):
    is_answered(applications, answer, Asked(V1, json.dumps(body).encode(), headers))


@EXAMPLES
@given(body=INFERENCES, behind=st.binary(max_size=48), cut=st.integers(-3, 3) | VALUE)
def test_inferences_with_bytes_behind(
    applications: Both, answer: Ask, body: Any, behind: bytes, cut: int | str
):
    text = json.dumps(body).encode()
    length = str(len(text) + cut) if isinstance(cut, int) else cut
    is_answered(applications, answer, Asked(V2, text + behind, {JSON_LENGTH: length}))


@EXAMPLES
@given(body=PREDICTIONS, damage=st.integers(0, 400), byte=st.integers(0, 255))
def test_damaged_gzip(applications: Both, answer: Ask, body: Any, damage: int, byte: int):
    packed = bytearray(gzip.compress(json.dumps(body).encode(), mtime=0))
    packed[damage % len(packed)] = byte
    is_answered(applications, answer, Asked(V1, bytes(packed), {"content-encoding": "gzip"}))
