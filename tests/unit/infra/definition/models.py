"""The keys that a definition may have, read from its models."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo


def keys_of(kind: type[BaseModel], before: str = "") -> Mapping[str, FieldInfo]:
    """Every key by its path, such as ``nodes[].gpu.mapping`` and ``proxmox.hosts.<name>.memory``."""
    found: dict[str, FieldInfo] = {}
    for name, field in kind.model_fields.items():
        path = f"{before}{name}"
        found[path] = field
        if inner := _model_in(field.annotation):
            found |= keys_of(inner, f"{path}{_mark(field.annotation)}.")
    return found


def keys_in(content: Any, before: str = "") -> Iterator[str]:
    """Every path that ``content`` has, written in the same way."""
    if isinstance(content, dict):
        for name, inner in content.items():
            path = f"{before}.{name}" if before else str(name)
            yield path
            yield from keys_in(inner, "proxmox.hosts.<name>" if before == "proxmox.hosts" else path)
    if isinstance(content, list):
        for inner in content:
            yield from keys_in(inner, f"{before}[]")


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((model for model in map(_model_in, get_args(annotation)) if model), None)


def _mark(annotation: Any) -> str:
    text = str(annotation)
    return ".<name>" if "Mapping[" in text else "[]" if "tuple[" in text else ""
