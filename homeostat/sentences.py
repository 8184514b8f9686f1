"""Pydantic's findings as human sentences: the field, the value, and what would be right."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from typing import Any, cast

from pydantic import BaseModel, ValidationError

Location = tuple[str | int, ...]


def sentences(error: ValidationError, kind: type[BaseModel]) -> Sequence[str]:
    """One sentence for each finding of ``error``, which validating a ``kind`` raised."""
    return [_sentence(cast("dict[str, Any]", detail), kind) for detail in error.errors()]


def _sentence(detail: dict[str, Any], kind: type[BaseModel]) -> str:
    location = cast("Location", detail["loc"])
    field = ".".join(str(part) for part in location) or "the document"
    if detail["type"] == "extra_forbidden":
        near = difflib.get_close_matches(str(location[-1]), _known_keys(kind, location[:-1]), n=1)
        return f"'{field}' is not a known key" + (f"; did you mean '{near[0]}'?" if near else ".")
    if detail["type"] == "missing":
        return f"'{field}' is required and is missing."
    reason = str(detail["msg"]).removeprefix("Value error, ").removeprefix("Assertion failed, ").rstrip(".")
    reason = reason.removeprefix("Input ")
    if isinstance(detail["input"], Mapping | list):
        return f"'{field}': {reason}."
    return f"'{field}' is {detail['input']!r}: {reason}."


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
