"""The protocol's datatypes that can be features; BYTES, text, is none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True, slots=True)
class Datatype:
    """One datatype, in JSON and in binary."""

    name: str
    #: little-endian, as the binary extension sends it
    dtype: np.dtype[Any]
    #: the types that JSON's values may have; null, which is missing, is a float's
    json_types: frozenset[type]
    #: of an integer: the smallest and the largest
    bounds: tuple[int, int] | None = None


_FLOATS: frozenset[type] = frozenset({float, int, type(None)})


def _integers() -> list[Datatype]:
    return [
        Datatype(
            f"{prefix}INT{bits}",
            np.dtype(f"<{'u' if prefix else 'i'}{bits // 8}"),
            frozenset({int}),
            (0, 2**bits - 1) if prefix else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1),
        )
        for prefix in ("", "U")
        for bits in (8, 16, 32, 64)
    ]


DATATYPES: Mapping[str, Datatype] = {
    datatype.name: datatype
    for datatype in (
        # A byte each, of which only 0 and 1 are booleans: numpy would take any other for true.
        Datatype("BOOL", np.dtype(np.uint8), frozenset({bool})),
        *_integers(),
        *(Datatype(f"FP{bits}", np.dtype(f"<f{bits // 8}"), _FLOATS) for bits in (16, 32, 64)),
    )
}
