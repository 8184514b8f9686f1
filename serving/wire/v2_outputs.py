"""The two tensors that answer a V2 request, and which of them a client wants in which form.

``label`` is the answered class of each row, ``probabilities`` those of all classes, in the order of
``classes`` in the model's metadata.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

OUTPUTS = ("label", "probabilities")


@dataclass(frozen=True, slots=True)
class Wanted:
    """One tensor of the answer; binary goes behind the JSON."""

    name: str
    binary: bool


_ALL_IN_JSON = tuple(Wanted(name, binary=False) for name in OUTPUTS)
_ALL_IN_BINARY = tuple(Wanted(name, binary=True) for name in OUTPUTS)


def all_outputs(*, binary: bool) -> Sequence[Wanted]:
    """What a client gets that lists nothing."""
    return _ALL_IN_BINARY if binary else _ALL_IN_JSON
