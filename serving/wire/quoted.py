"""A stranger's value inside of a sentence."""

from __future__ import annotations

import reprlib

_SHORT = reprlib.Repr()
_SHORT.maxstring = _SHORT.maxlong = _SHORT.maxother = 200


def quoted(value: object) -> str:
    """The value as a sentence may show it: short, since it comes from a stranger, and so is the work."""
    text = _SHORT.repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
