"""The body of an Open Inference Protocol V2 request, checked before anything interprets it.

A request gives either one tensor of shape [rows, features], under any name, with the columns in the model's
order, or one tensor for each feature under its name, of shape [rows] or [rows, 1]. A tensor's values are in
the JSON (``data``, flat or nested as its shape) or in the bytes behind it (``parameters.binary_data_size``);
then the header ``Inference-Header-Content-Length`` tells where the JSON ends.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, cast

import numpy as np
import orjson
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StrictFloat,
    StrictInt,
    StrictStr,
    ValidationError,
)

from homeostat.sentences import sentences
from serving.errors import BadRequest
from serving.schema import InputSchema, quoted

HEADER_LENGTH = "inference-header-content-length"

#: parts of a request that have no reason to be long; the data may be
MAX_PARTS = 4096


def _short(value: object) -> object:
    """Refuse a long list or object before each of its items can be wrong in a sentence of its own."""
    if isinstance(value, list | dict) and len(cast("list[object]", value)) > MAX_PARTS:
        raise ValueError(f"it must not have more than {MAX_PARTS} items")
    return cast("object", value)


Short = BeforeValidator(_short)
Parameters = Annotated[dict[str, StrictBool | StrictInt | StrictFloat | StrictStr], Short]

#: the protocol's datatypes that can be features; BYTES, text, is none
DATATYPES: Mapping[str, np.dtype[Any]] = {
    "BOOL": np.dtype(np.bool_),
    **{
        f"{prefix}INT{bits}": np.dtype(f"{prefix.lower()}int{bits}")
        for prefix in ("", "U")
        for bits in (8, 16, 32, 64)
    },
    **{f"FP{bits}": np.dtype(f"float{bits}") for bits in (16, 32, 64)},
}


class Tensor(BaseModel):
    """One input tensor."""

    model_config = ConfigDict(frozen=True)

    name: StrictStr
    shape: Annotated[list[StrictInt], Short] = Field(min_length=1, max_length=2)
    datatype: StrictStr
    parameters: Parameters | None = None
    data: list[Any] | None = None

    @property
    def size(self) -> int:
        """The number of values that the shape asks for."""
        return math.prod(self.shape)

    @property
    def binary_size(self) -> int | None:
        """The bytes behind the JSON that are this tensor's, or None when its values are in the JSON."""
        return cast("int | None", (self.parameters or {}).get("binary_data_size"))


class RequestedOutput(BaseModel):
    """One output that the client wants."""

    model_config = ConfigDict(frozen=True)

    name: StrictStr
    parameters: Parameters | None = None


class V2Request(BaseModel):
    """The JSON part of a request; keys that the protocol does not know are ignored, as it asks."""

    model_config = ConfigDict(frozen=True)

    id: StrictStr | None = None
    parameters: Parameters | None = None
    inputs: Annotated[list[Tensor], Short] = Field(min_length=1)
    outputs: Annotated[list[RequestedOutput], Short] | None = None


def parse_json(body: bytes) -> object:
    """The JSON value in ``body``.

    Raises:
        BadRequest: when it is none.
    """
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise BadRequest(f"The body is not valid JSON: {error}.") from None


def json_length(header: str | None, body_bytes: int) -> int:
    """Where the JSON part of the body ends.

    Raises:
        BadRequest: when the header is no number of bytes within the body.
    """
    if header is None:
        return body_bytes
    if not (header.isascii() and header.isdigit() and len(header) < 12 and int(header) <= body_bytes):
        raise BadRequest(
            f"Inference-Header-Content-Length is {quoted(header)}: it must be a number of bytes, "
            f"at most the {body_bytes} of the body."
        )
    return int(header)


def parse_v2(body: bytes, header: str | None, schema: InputSchema) -> V2Request:
    """Read the request and check that every tensor has the shape and values that it and the model declare.

    Raises:
        BadRequest: naming the first thing that is wrong.
    """
    end = json_length(header, len(body))
    document = parse_json(body[:end])
    if not isinstance(document, dict):
        raise BadRequest(f"The body is {quoted(document)}: it must be an object with inputs.")
    try:
        request = V2Request.model_validate(document)
    except ValidationError as error:
        raise BadRequest(sentences(error, V2Request)[0]) from None
    for tensor in request.inputs:
        _check_header(tensor)
    _check_layout(request.inputs, schema)
    for tensor in request.inputs:
        _check_values(tensor)
    _check_binary(request.inputs, len(body) - end)
    _check_flag("binary_data_output", request.parameters)
    for output in request.outputs or ():
        _check_flag("binary_data", output.parameters)
    return request


def is_matrix(shapes: Sequence[Sequence[int]], features: int) -> bool:
    """Whether tensors of these shapes are one of [rows, features] rather than one for each feature."""
    return len(shapes) == 1 and len(shapes[0]) == 2 and shapes[0][1] == features


def _check_header(tensor: Tensor) -> None:
    name = quoted(tensor.name)
    if tensor.datatype not in DATATYPES:
        raise BadRequest(
            f"The datatype of {name} is {quoted(tensor.datatype)}: use one of {', '.join(DATATYPES)}."
        )
    if any(length < 0 or length > 2**31 for length in tensor.shape):
        raise BadRequest(f"The shape of {name} is {tensor.shape}: its lengths must not be negative or huge.")
    size = (tensor.parameters or {}).get("binary_data_size")
    if size is not None and (isinstance(size, bool) or not isinstance(size, int) or size < 0):
        raise BadRequest(f"binary_data_size of {name} is {quoted(size)}: it must be a number of bytes.")
    if (tensor.data is None) == (size is None):
        raise BadRequest(
            f"The values of {name} must be given once: in data, or in binary with binary_data_size."
        )


def _check_flag(name: str, parameters: Parameters | None) -> None:
    value = (parameters or {}).get(name, False)
    if not isinstance(value, bool):
        raise BadRequest(f"The parameter {name} is {quoted(value)}: it must be true or false.")


def _check_layout(inputs: Sequence[Tensor], schema: InputSchema) -> None:
    features = schema.names
    if is_matrix([tensor.shape for tensor in inputs], len(features)):
        schema.check_batch(inputs[0].shape[0])
        if inputs[0].datatype == "BOOL":
            schema.check_boolean(features)
        return
    if len(inputs) == 1 and inputs[0].name not in features:
        raise BadRequest(
            f"The shape of {quoted(inputs[0].name)} is {inputs[0].shape}: a single tensor must be of shape "
            f"[rows, {len(features)}], one column for each of {', '.join(features)}."
        )
    schema.check_names([tensor.name for tensor in inputs])
    schema.check_boolean([tensor.name for tensor in inputs if tensor.datatype == "BOOL"])
    rows = inputs[0].shape[0]
    schema.check_batch(rows)
    for tensor in inputs:
        if tensor.shape not in ([rows], [rows, 1]):
            raise BadRequest(
                f"The shape of {tensor.name} is {tensor.shape}: it must be [{rows}] or [{rows}, 1]."
            )


def _check_values(tensor: Tensor) -> None:
    if tensor.data is None:
        return
    values = _flat(tensor)
    dtype = DATATYPES[tensor.datatype]
    allowed = {"b": {bool}, "f": {float, int, type(None)}}.get(dtype.kind, {int})
    wrong = next((value for value in values if type(value) not in allowed), None)
    if wrong is not None or (None in values and dtype.kind != "f"):
        raise BadRequest(f"{quoted(tensor.name)} holds {quoted(wrong)}: its datatype is {tensor.datatype}.")
    if dtype.kind in "iu":
        bounds = np.iinfo(dtype.name)
        over = next((value for value in values if not bounds.min <= value <= bounds.max), None)
        if over is not None:
            raise BadRequest(f"{quoted(tensor.name)} holds {over}: that is no {tensor.datatype}.")


def _flat(tensor: Tensor) -> list[Any]:
    """The values of a tensor's ``data``, which is flat or nested exactly as its shape says."""
    data = cast("list[Any]", tensor.data)
    if len(tensor.shape) == 2 and data and all(isinstance(row, list) for row in data):
        rows, columns = tensor.shape
        if len(data) == rows and all(len(row) == columns for row in data):
            return [value for row in data for value in row]
    elif len(data) == tensor.size:
        return data
    raise BadRequest(
        f"The data of {quoted(tensor.name)} does not fit its shape {tensor.shape}: "
        f"give {tensor.size} values, flat or nested as the shape."
    )


def _check_binary(inputs: Sequence[Tensor], behind_bytes: int) -> None:
    for tensor in inputs:
        expected = tensor.size * DATATYPES[tensor.datatype].itemsize
        if tensor.binary_size is not None and tensor.binary_size != expected:
            raise BadRequest(
                f"binary_data_size of {quoted(tensor.name)} is {tensor.binary_size}: "
                f"{tensor.shape} of {tensor.datatype} is {expected} bytes."
            )
    declared = sum(tensor.binary_size or 0 for tensor in inputs)
    if declared != behind_bytes:
        raise BadRequest(
            f"{behind_bytes} bytes follow the JSON, but the tensors' binary_data_size adds up to {declared}: "
            "check Inference-Header-Content-Length and that the body is whole."
        )
