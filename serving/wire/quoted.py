"""A stranger's value inside of a sentence."""

from __future__ import annotations

import reprlib
from collections.abc import Mapping

_SHORT = reprlib.Repr()
_SHORT.maxstring = _SHORT.maxlong = _SHORT.maxother = 200
_KINDS: Mapping[type, str] = {
    dict: "an object",
    list: "a list",
    str: "a text",
    bool: "a boolean",
    type(None): "null",
}


def quoted(value: object) -> str:
    """The value as a sentence may show it: short, since it comes from a stranger, and so is the work."""
    text = _SHORT.repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def kind_of(value: object) -> str:
    """What JSON calls such a value: for a sentence that may not show the value itself."""
    return _KINDS.get(type(value), "a number")
