"""The values of one V2 tensor as a flat array, from its JSON or from the bytes behind it.

In JSON they are flat or nested exactly as the shape says. The bytes are little-endian and row-major, and are
looked at where they lie: no copy is made of them.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from serving.errors import BadRequest
from serving.wire.datatypes import DATATYPES
from serving.wire.quoted import quoted
from serving.wire.v2_document import Tensor

#: how a sentence shows a value of the tensor
Show = Callable[[object], str]


def from_json(tensor: Tensor, show: Show) -> NDArray[Any]:
    """The values in ``data``.

    Raises:
        BadRequest: when they don't fit the shape or the datatype.
    """
    datatype = DATATYPES[tensor.datatype]
    if tensor.datatype == "FP16":
        raise BadRequest(
            f"{quoted(tensor.name)} gives FP16 in JSON, which has no such numbers: "
            "send it in binary, or as FP32."
        )
    values = _flat(tensor)
    if not datatype.json_types.issuperset(map(type, values)):
        wrong = next(value for value in values if type(value) not in datatype.json_types)
        raise BadRequest(f"{quoted(tensor.name)} holds {show(wrong)}: its datatype is {tensor.datatype}.")
    if datatype.bounds and values:
        _check_bounds(tensor, values, datatype.bounds, show)
    if tensor.datatype != "FP32":
        return np.array(values, dtype=datatype.dtype)
    # A number that FP32 can't hold becomes infinite, which the schema refuses with its row and feature.
    with np.errstate(over="ignore"):
        return np.array(values, dtype=np.float32)


def from_bytes(tensor: Tensor, behind: memoryview, show: Show) -> NDArray[Any]:
    """The values in the bytes ``behind``, which are exactly this tensor's.

    Raises:
        BadRequest: when a boolean is neither 0 nor 1.
    """
    values: NDArray[Any] = np.frombuffer(behind, DATATYPES[tensor.datatype].dtype)
    if tensor.datatype == "BOOL" and np.count_nonzero(values > 1):
        wrong = int(values[values > 1][0])
        raise BadRequest(f"{quoted(tensor.name)} holds {show(wrong)} in a byte: a BOOL is 0 or 1.")
    return values


def check_binary_size(tensor: Tensor, declared: int) -> None:
    """Refuse another number of bytes than shape and datatype need.

    Raises:
        BadRequest: saying how many they are.
    """
    expected = math.prod(tensor.shape) * DATATYPES[tensor.datatype].dtype.itemsize
    if declared != expected:
        raise BadRequest(
            f"binary_data_size of {quoted(tensor.name)} is {declared}: "
            f"{tensor.shape} of {tensor.datatype} is {expected} bytes."
        )


def _flat(tensor: Tensor) -> list[Any]:
    data = cast("list[Any]", tensor.data)
    size = math.prod(tensor.shape)
    if len(tensor.shape) == 2 and data and type(data[0]) is list:
        rows, columns = tensor.shape
        lists = cast("list[list[Any]]", data)
        if len(lists) == rows and set(map(type, lists)) == {list} and set(map(len, lists)) == {columns}:
            return [value for row in lists for value in row]
    elif len(data) == size:
        return data
    raise BadRequest(
        f"The data of {quoted(tensor.name)} does not fit its shape {tensor.shape}: "
        f"give {size} values, flat or nested as the shape."
    )


def _check_bounds(tensor: Tensor, values: list[int], bounds: tuple[int, int], show: Show) -> None:
    low, high = bounds
    for over in (min(values), max(values)):
        if not low <= over <= high:
            raise BadRequest(f"{quoted(tensor.name)} holds {show(over)}: that is no {tensor.datatype}.")
