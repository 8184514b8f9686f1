"""The JSON of an Open Inference Protocol V2 request: its members and their types, before they are compared.

Keys that the protocol does not know are ignored, as it asks. The first thing that is wrong ends the reading:
a list of all that is wrong could be made to cost far more than the request. What a member holds is quoted
only where it can't be a feature's value.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, cast

from serving.errors import BadRequest
from serving.wire.datatypes import DATATYPES
from serving.wire.json_body import read_object
from serving.wire.quoted import kind_of, quoted

#: parts of a request that have no reason to be long; the data may be
MAX_PARTS = 4096
MAX_LENGTH = 2**31

Parameters = Mapping[str, bool | int | float | str]

_NONE: Parameters = {}
_PLAIN = {bool, int, float, str}


# Named tuples, since they are made for every request: a frozen dataclass takes three times as long.
class Tensor(NamedTuple):
    """One input tensor."""

    name: str
    shape: list[int]
    datatype: str
    #: the bytes behind the JSON that are this tensor's, or None when its values are in the JSON
    binary_size: int | None
    #: what it holds is checked as a whole
    data: list[Any] | None


class RequestedOutput(NamedTuple):
    """One output that the client wants."""

    name: str
    parameters: Parameters


class Document(NamedTuple):
    """The JSON part of a request."""

    id: str | None
    parameters: Parameters
    inputs: Sequence[Tensor]
    #: none when the client lists nothing
    outputs: Sequence[RequestedOutput]


def read_document(text: bytes | memoryview) -> Document:
    """The JSON part of a request, each of its members of the type that the protocol gives it.

    Raises:
        BadRequest: naming the first thing that is wrong.
    """
    content = read_object(text, "inputs")
    identifier = None if content.get("id") is None else _text(content, "", "id")
    parameters = _parameters(content, "")
    if "inputs" not in content:
        raise _missing("inputs")
    inputs = _parts(content["inputs"], "inputs")
    if not inputs:
        raise BadRequest("'inputs' has no tensors: give at least one.")
    outputs = content.get("outputs")
    return Document(
        identifier,
        parameters,
        [_tensor(part, f"inputs.{number}") for number, part in enumerate(inputs)],
        [] if outputs is None else _outputs(outputs),
    )


def flag(name: str, parameters: Parameters, otherwise: bool) -> bool:  # noqa: FBT001 - the flag's default
    """The parameter ``name``, which is true, false or not given.

    Raises:
        BadRequest: when it is anything else.
    """
    value = parameters.get(name, otherwise)
    if not isinstance(value, bool):
        raise BadRequest(f"The parameter {name} is {quoted(value)}: it must be true or false.")
    return value


def _outputs(given: object) -> list[RequestedOutput]:
    outputs: list[RequestedOutput] = []
    for number, part in enumerate(_parts(given, "outputs")):
        place = f"outputs.{number}"
        members = _object(part, place)
        place += "."
        outputs.append(RequestedOutput(_text(members, place, "name"), _parameters(members, place)))
    return outputs


def _tensor(part: object, place: str) -> Tensor:
    members = _object(part, place)
    place += "."
    name, shape = _text(members, place, "name"), _shape(members, place)
    datatype = _text(members, place, "datatype")
    size = _parameters(members, place).get("binary_data_size")
    data = members.get("data")
    if datatype not in DATATYPES:
        raise BadRequest(
            f"The datatype of {quoted(name)} is {quoted(datatype)}: use one of {', '.join(DATATYPES)}."
        )
    if size is not None and (type(size) is not int or size < 0):
        raise BadRequest(
            f"binary_data_size of {quoted(name)} is {quoted(size)}: it must be a number of bytes."
        )
    if (data is None) == (size is None):
        raise BadRequest(
            f"The values of {quoted(name)} must be given once: in data, or in binary with binary_data_size."
        )
    if data is not None and type(data) is not list:
        raise _wrong(f"{place}data", kind_of(data), "a list")
    return Tensor(name, shape, datatype, size, cast("list[Any] | None", data))


def _shape(members: Mapping[str, object], place: str) -> list[int]:
    if "shape" not in members:
        raise _missing(f"{place}shape")
    given = members["shape"]
    if type(given) is not list:
        raise _wrong(f"{place}shape", quoted(given), "a list of lengths")
    lengths = cast("list[int]", given)
    if not 1 <= len(lengths) <= 2:
        raise BadRequest(f"'{place}shape' has {len(lengths)} lengths: it must have one or two.")
    for number, length in enumerate(lengths):
        if type(length) is not int:
            raise _wrong(f"{place}shape.{number}", quoted(length), "a whole number")
        if not 0 <= length <= MAX_LENGTH:
            raise BadRequest(f"'{place}shape' is {lengths}: its lengths must not be negative or huge.")
    return lengths


def _parameters(members: Mapping[str, object], place: str) -> Parameters:
    given = members.get("parameters")
    if given is None:
        return _NONE
    parameters = _object(given, f"{place}parameters")
    _check_short(parameters, f"{place}parameters")
    for name, value in parameters.items():
        if type(value) not in _PLAIN:
            raise BadRequest(
                f"In '{place}parameters', {quoted(name)} is {kind_of(value)}: "
                "it must be a boolean, a number or a text."
            )
    return cast("Parameters", parameters)


def _text(members: Mapping[str, object], place: str, member: str) -> str:
    value = members.get(member)
    if type(value) is str:
        return value
    raise _wrong(place + member, quoted(value), "a text") if member in members else _missing(place + member)


def _object(given: object, place: str) -> Mapping[str, object]:
    if type(given) is not dict:
        raise _wrong(place, kind_of(given), "an object")
    return cast("dict[str, object]", given)


def _parts(given: object, place: str) -> list[object]:
    if type(given) is not list:
        raise _wrong(place, kind_of(given), "a list of objects")
    parts = cast("list[object]", given)
    _check_short(parts, place)
    return parts


def _check_short(given: Sequence[object] | Mapping[str, object], place: str) -> None:
    if len(given) > MAX_PARTS:
        raise BadRequest(f"'{place}' has {len(given)} items: it must not have more than {MAX_PARTS}.")


def _missing(place: str) -> BadRequest:
    return BadRequest(f"'{place}' is required and is missing.")


def _wrong(place: str, shown: str, right: str) -> BadRequest:
    return BadRequest(f"'{place}' is {shown}: it must be {right}.")
