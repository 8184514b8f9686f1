"""An Open Inference Protocol V2 request: from its bytes to checked rows.

A request gives either one tensor of shape [rows, features], under any name, with the columns in the model's
order, or one tensor for each feature under its name, of shape [rows] or [rows, 1]. A tensor's values are in
the JSON (``data``) or in the bytes behind it (``parameters.binary_data_size``); then the header
``Inference-Header-Content-Length`` tells where the JSON ends.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from serving.engines.engine import Rows
from serving.errors import BadRequest
from serving.wire.quoted import quoted
from serving.wire.schema import InputSchema
from serving.wire.v2_document import Document, Tensor, flag, read_document
from serving.wire.v2_outputs import OUTPUTS, Wanted, all_outputs
from serving.wire.v2_values import check_binary_size, from_bytes, from_json

HEADER_LENGTH = "inference-header-content-length"


@dataclass(frozen=True, slots=True)
class V2Call:
    """What a request asks for."""

    rows: Rows
    #: the client's own name for the request, which the answer repeats
    id: str | None
    outputs: Sequence[Wanted]


def read_v2(body: bytes, header_length: str | None, schema: InputSchema) -> V2Call:
    """Read the request and check that every tensor has the shape and values that it and the model declare.

    Args:
        body: the JSON, and the binary tensors behind it.
        header_length: ``Inference-Header-Content-Length``, or None when the body is JSON alone.
        schema: what the model takes.

    Raises:
        BadRequest: naming the first thing that is wrong.
    """
    if header_length is None:
        text, behind = body, memoryview(b"")
    else:
        end = _json_length(header_length, len(body))
        text, behind = body[:end], memoryview(body)[end:]
    document = read_document(text)
    matrix = _check_layout(document.inputs, schema)
    outputs = _outputs(document)
    values = _values(document.inputs, behind, schema, matrix=matrix)
    rows = _matrix(values[0], document.inputs[0]) if matrix else _columns(values, document.inputs, schema)
    return V2Call(schema.check(rows), document.id, outputs)


def _json_length(header: str, body_bytes: int) -> int:
    if not (header.isascii() and header.isdigit() and len(header) < 12 and int(header) <= body_bytes):
        raise BadRequest(
            f"Inference-Header-Content-Length is {quoted(header)}: it must be a number of bytes, "
            f"at most the {body_bytes} of the body."
        )
    return int(header)


def _check_layout(inputs: Sequence[Tensor], schema: InputSchema) -> bool:
    """Whether there is one tensor for all features; False when there is one for each."""
    first = inputs[0]
    if len(inputs) == 1 and len(first.shape) == 2 and first.shape[1] == len(schema.names):
        schema.check_batch(first.shape[0])
        if first.datatype == "BOOL":
            schema.check_boolean(schema.names)
        return True
    if len(inputs) == 1 and first.name not in schema.name_set:
        raise BadRequest(
            f"The shape of {quoted(first.name)} is {first.shape}: a single tensor must be of shape "
            f"[rows, {len(schema.names)}], one column for each of {schema.listed()}."
        )
    schema.check_names([tensor.name for tensor in inputs])
    schema.check_boolean([tensor.name for tensor in inputs if tensor.datatype == "BOOL"])
    rows = first.shape[0]
    schema.check_batch(rows)
    for tensor in inputs:
        if tensor.shape not in ([rows], [rows, 1]):
            raise BadRequest(
                f"The shape of {tensor.name} is {tensor.shape}: it must be [{rows}] or [{rows}, 1]."
            )
    return False


def _outputs(document: Document) -> Sequence[Wanted]:
    binary = flag("binary_data_output", document.parameters, otherwise=False)
    if not document.outputs:
        return all_outputs(binary=binary)
    seen: set[str] = set()
    for output in document.outputs:
        if output.name in seen:
            raise BadRequest(f"The output {output.name} is asked for twice: ask for it once.")
        seen.add(output.name)
        if output.name not in OUTPUTS:
            raise BadRequest(
                f"The output {quoted(output.name)} does not exist: ask for {' or '.join(OUTPUTS)}."
            )
    return [Wanted(o.name, flag("binary_data", o.parameters, otherwise=binary)) for o in document.outputs]


def _values(
    inputs: Sequence[Tensor], behind: memoryview, schema: InputSchema, *, matrix: bool
) -> list[NDArray[Any]]:
    """The values of every tensor; those in the bytes behind the JSON lie there in the tensors' order."""
    arrays: list[NDArray[Any]] = []
    start = 0
    _check_total(inputs, len(behind))
    for tensor in inputs:
        size = tensor.binary_size
        show = schema.showing(None if matrix else tensor.name)
        if size is None:
            arrays.append(from_json(tensor, show))
        else:
            arrays.append(from_bytes(tensor, behind[start : start + size], show))
            start += size
    return arrays


def _check_total(inputs: Sequence[Tensor], behind_bytes: int) -> None:
    declared = 0
    for tensor in inputs:
        if (size := tensor.binary_size) is not None:
            check_binary_size(tensor, size)
            declared += size
    if declared != behind_bytes:
        raise BadRequest(
            f"{behind_bytes} bytes follow the JSON, but the tensors' binary_data_size adds up to {declared}: "
            "check Inference-Header-Content-Length and that the body is whole."
        )


def _matrix(values: NDArray[Any], tensor: Tensor) -> Rows:
    return values.reshape(tensor.shape).astype(np.float64, copy=False)


def _columns(values: Sequence[NDArray[Any]], inputs: Sequence[Tensor], schema: InputSchema) -> Rows:
    rows = np.empty((inputs[0].shape[0], len(schema.names)))
    for tensor, column in zip(inputs, values, strict=True):
        rows[:, schema.columns[tensor.name]] = column
    return rows
