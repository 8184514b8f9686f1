"""The JSON of an Open Inference Protocol V2 request: its members and their types, before they are compared.

Keys that the protocol does not know are ignored, as it asks.
"""

from __future__ import annotations

from typing import Annotated, Any, cast

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
from serving.wire.datatypes import DATATYPES
from serving.wire.json_body import read_object
from serving.wire.quoted import quoted

#: parts of a request that have no reason to be long; the data may be
MAX_PARTS = 4096
MAX_LENGTH = 2**31


def _short(value: object) -> object:
    """Refuse a long list or object before each of its items can be wrong in a sentence of its own."""
    if isinstance(value, list | dict) and len(cast("list[object]", value)) > MAX_PARTS:
        raise ValueError(f"it must not have more than {MAX_PARTS} items")
    return cast("object", value)


Short = BeforeValidator(_short)
Parameters = Annotated[dict[str, StrictBool | StrictInt | StrictFloat | StrictStr], Short]


class Tensor(BaseModel):
    """One input tensor."""

    model_config = ConfigDict(frozen=True)

    name: StrictStr
    shape: Annotated[list[StrictInt], Field(min_length=1, max_length=2)]
    datatype: StrictStr
    parameters: Parameters | None = None
    #: what it holds is checked as a whole
    data: list[Any] | None = None

    @property
    def binary_size(self) -> int | None:
        """The bytes behind the JSON that are this tensor's, or None when its values are in the JSON."""
        return cast("int | None", self.parameters.get("binary_data_size")) if self.parameters else None


class RequestedOutput(BaseModel):
    """One output that the client wants."""

    model_config = ConfigDict(frozen=True)

    name: StrictStr
    parameters: Parameters | None = None


class Document(BaseModel):
    """The JSON part of a request."""

    model_config = ConfigDict(frozen=True)

    id: StrictStr | None = None
    parameters: Parameters | None = None
    inputs: Annotated[list[Tensor], Short] = Field(min_length=1)
    outputs: Annotated[list[RequestedOutput], Short] | None = None


def read_document(text: bytes | memoryview) -> Document:
    """The JSON part of a request, each of its members of the type that the protocol gives it.

    Raises:
        BadRequest: naming the first thing that is wrong.
    """
    content = read_object(text, "inputs")
    try:
        document = Document.model_validate(content)
    except ValidationError as error:
        raise BadRequest(sentences(error, Document)[0]) from None
    for tensor in document.inputs:
        _check_tensor(tensor)
    return document


def flag(name: str, parameters: Parameters | None, otherwise: bool) -> bool:  # noqa: FBT001 - the flag's default
    """The parameter ``name``, which is true, false or not given.

    Raises:
        BadRequest: when it is anything else.
    """
    if not parameters:
        return otherwise
    value = parameters.get(name, otherwise)
    if not isinstance(value, bool):
        raise BadRequest(f"The parameter {name} is {quoted(value)}: it must be true or false.")
    return value


def _check_tensor(tensor: Tensor) -> None:
    if tensor.datatype not in DATATYPES:
        raise BadRequest(
            f"The datatype of {quoted(tensor.name)} is {quoted(tensor.datatype)}: "
            f"use one of {', '.join(DATATYPES)}."
        )
    if min(tensor.shape) < 0 or max(tensor.shape) > MAX_LENGTH:
        raise BadRequest(
            f"The shape of {quoted(tensor.name)} is {tensor.shape}: its lengths must not be negative or huge."
        )
    size = tensor.binary_size
    if size is not None and (type(size) is not int or size < 0):
        raise BadRequest(
            f"binary_data_size of {quoted(tensor.name)} is {quoted(size)}: it must be a number of bytes."
        )
    if (tensor.data is None) == (size is None):
        raise BadRequest(
            f"The values of {quoted(tensor.name)} must be given once: "
            "in data, or in binary with binary_data_size."
        )
