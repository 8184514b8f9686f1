"""Pydantic's findings as human sentences: the field, the value, and what would be right."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from typing import Any, cast

from pydantic import BaseModel, ValidationError

Location = tuple[str | int, ...]

#: a value is quoted to be recognised, not to be read in full
_MOST_CHARACTERS = 80
_A_WHOLE_NUMBER, _A_NUMBER = "must be a whole number", "must be a number"
_A_MAPPING, _A_LIST = "must be a mapping of keys to values", "must be a list"
_A_TEXT, _A_TIME = "must be a text, in quotes", "must be a time such as 2026-01-02T03:04:05Z"
#: pydantic's kind of finding -> what would be right; ``{ge}`` and the like are the finding's own bounds
_RIGHT: Mapping[str, str] = {
    "greater_than_equal": "must be at least {ge}",
    "greater_than": "must be more than {gt}",
    "less_than_equal": "must be at most {le}",
    "less_than": "must be less than {lt}",
    "too_short": "must have at least {min_length} item(s), not {actual_length}",
    "too_long": "must have at most {max_length} item(s), not {actual_length}",
    "string_too_short": "must have at least {min_length} character(s)",
    "string_too_long": "must have at most {max_length} character(s)",
    "string_pattern_mismatch": "must have the form {pattern}",
    "string_type": _A_TEXT,
    "int_type": _A_WHOLE_NUMBER,
    "int_parsing": _A_WHOLE_NUMBER,
    "int_from_float": _A_WHOLE_NUMBER,
    "float_type": _A_NUMBER,
    "float_parsing": _A_NUMBER,
    "finite_number": "must be a finite number",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "enum": "must be {expected}",
    "literal_error": "must be {expected}",
    "model_type": _A_MAPPING,
    "model_attributes_type": _A_MAPPING,
    "dict_type": _A_MAPPING,
    "mapping_type": _A_MAPPING,
    "list_type": _A_LIST,
    "tuple_type": _A_LIST,
    "datetime_type": _A_TIME,
    "datetime_parsing": _A_TIME,
    "datetime_from_date_parsing": _A_TIME,
    "byte_size": "must be a size such as 4GiB or 512MiB",
    "byte_size_unit": "must be a size such as 4GiB or 512MiB",
    "url_parsing": "must be an address such as https://host.example:8006",
    "timezone_aware": "must name its time zone, as in 2026-01-02T03:04:05Z",
}


def sentences(error: ValidationError, kind: type[BaseModel]) -> Sequence[str]:
    """One sentence for each finding of ``error``, which validating a ``kind`` raised."""
    found = [cast("dict[str, Any]", detail) for detail in error.errors()]
    places = [cast("Location", detail["loc"]) for detail in found]
    return [
        _sentence(detail, kind)
        for detail in found
        if not _is_consequence(detail, cast("Sequence[Location]", places))
    ]


def _is_consequence(detail: Mapping[str, Any], places: Sequence[Location]) -> bool:
    """Whether it only says that a list is short of the items which other findings reject."""
    own = cast("Location", detail["loc"])
    return detail["type"] == "too_short" and any(
        len(at) > len(own) and at[: len(own)] == own for at in places
    )


def _sentence(detail: Mapping[str, Any], kind: type[BaseModel]) -> str:
    location = cast("Location", detail["loc"])
    field = ".".join(str(part) for part in location)
    if detail["type"] == "extra_forbidden":
        near = difflib.get_close_matches(str(location[-1]), _known_keys(kind, location[:-1]), n=1)
        return f"'{field}' is not a known key" + (f"; did you mean '{near[0]}'?" if near else ".")
    if detail["type"] == "missing":
        return f"'{field}' is required and is missing."
    if not field:
        return f"{_reason(detail)}."
    if isinstance(detail["input"], Mapping | list):
        return f"'{field}': {_reason(detail)}."
    return f"'{field}' is {_shown(detail['input'])}: {_reason(detail)}."


def _reason(detail: Mapping[str, Any]) -> str:
    if right := _RIGHT.get(str(detail["type"])):
        context = cast("Mapping[str, Any]", detail.get("ctx", {}))
        return right.format_map({name: _plain(value) for name, value in context.items()})
    reason = str(detail["msg"]).removeprefix("Value error, ").removeprefix("Assertion failed, ")
    return reason.rstrip(".").removeprefix("Input ")


def _plain(bound: object) -> str:
    return f"{bound:g}" if isinstance(bound, float) else str(bound)


def _shown(value: object) -> str:
    """The value as a person would write it, cut when it is long."""
    if value is None:
        return "empty"
    text = {True: "true", False: "false"}[value] if isinstance(value, bool) else repr(value)
    return text if len(text) <= _MOST_CHARACTERS else f"{text[:_MOST_CHARACTERS]}..."


def _known_keys(kind: type[BaseModel], location: Location) -> list[str]:
    """The keys known to the model that lies at ``location`` inside ``kind``."""
    current: type[BaseModel] | None = kind
    for part in location:
        if isinstance(part, str) and current is not None:
            field = current.model_fields.get(part)
            current = _model_inside(field.annotation) if field else None
    return list(current.model_fields) if current else []


def _model_inside(annotation: Any) -> type[BaseModel] | None:
    """The model in an annotation such as ``Foo``, ``Foo | None`` or ``tuple[Foo, ...]``."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    arguments = cast("tuple[Any, ...]", getattr(cast("object", annotation), "__args__", ()))
    return next((model for model in map(_model_inside, arguments) if model), None)
