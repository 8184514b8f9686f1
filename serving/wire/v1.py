"""KServe's V1 protocol: ``{"instances": [row, ...]}`` and ``{"predictions": [label, ...]}``.

A row is a list in the order of the model's features, or an object by their names.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

import numpy as np
import orjson

from serving.decision import Decision
from serving.engines.engine import Rows
from serving.errors import BadRequest
from serving.reply import Reply
from serving.wire.json_body import read_object
from serving.wire.schema import InputSchema

#: members of a CloudEvent in structured mode, which KServe takes as well: its data is the body
_EVENT = {"specversion", "source", "type", "id", "time", "data"}
#: what JSON may hold for any feature; null is missing, and whether that is allowed is the schema's to say
_NUMBERS = {float, int, type(None)}


def read_v1(body: bytes, schema: InputSchema) -> Rows:
    """The rows of a ``:predict``.

    Raises:
        BadRequest: naming the first row that has another shape, other names, or values that the model can't
            take.
    """
    document = read_object(body, "instances")
    if document.keys() >= _EVENT:
        document = _event_data(document["data"], schema)
    instances = document.get("instances")
    if type(instances) is not list:
        raise BadRequest(f"instances is {schema.showing(None)(instances)}: it must be a list of rows.")
    rows = cast("list[object]", instances)
    schema.check_batch(len(rows))
    table = _lists(rows, schema)
    if not _are_numbers(table, schema):
        _refuse_value(table, schema)
    return schema.check(np.array(table, dtype=np.float64))


def write_v1(decision: Decision) -> Reply:
    """The answered label of each row."""
    return Reply(orjson.dumps({"predictions": decision.labels}))


def _event_data(data: object, schema: InputSchema) -> dict[str, object]:
    if type(data) is not dict:
        raise BadRequest(f"data is {schema.showing(None)(data)}: it must be an object with instances.")
    return cast("dict[str, object]", data)


def _lists(instances: list[object], schema: InputSchema) -> list[list[Any]]:
    """Every row as a list of one value for each feature."""
    if set(map(type, instances)) == {list}:
        lists = cast("list[list[Any]]", instances)
        if set(map(len, lists)) == {len(schema.names)}:
            return lists
    return [_list(instance, number, schema) for number, instance in enumerate(instances)]


def _list(instance: object, number: int, schema: InputSchema) -> list[Any]:
    if isinstance(instance, Mapping):
        named = cast("Mapping[str, Any]", instance)
        schema.check_names(named.keys())
        return [named[name] for name in schema.names]
    if not isinstance(instance, list):
        shown = schema.showing(None)(instance)
        raise BadRequest(f"Row {number} is {shown}: it must be a list or an object of features.")
    values = cast("list[Any]", instance)
    if len(values) != len(schema.names):
        raise BadRequest(
            f"Row {number} has {len(values)} values, but the model has {len(schema.names)} features: "
            f"{schema.listed()}."
        )
    return values


def _are_numbers(table: Sequence[Sequence[Any]], schema: InputSchema) -> bool:
    """Whether every value is a number, or a boolean where the feature is one."""
    types: set[type] = set()
    types.update(*(map(type, row) for row in table))
    if types <= _NUMBERS:
        return True
    if not types <= _NUMBERS | {bool}:
        return False
    columns = zip(schema.names, zip(*table, strict=True), strict=True)
    return all(name in schema.booleans or bool not in set(map(type, column)) for name, column in columns)


def _refuse_value(table: Sequence[Sequence[Any]], schema: InputSchema) -> None:
    for number, row in enumerate(table):
        for feature, value in zip(schema.features, row, strict=True):
            allowed = _NUMBERS | {bool} if feature.name in schema.booleans else _NUMBERS
            if type(value) not in allowed:
                shown = schema.showing(feature.name)(value)
                raise BadRequest(
                    f"Row {number}, {feature.name} is {shown}: it must be of type {feature.dtype}."
                )
