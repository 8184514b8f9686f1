"""What is the framework and what is the engine in our lead over FastAPI."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tests.benchmarks.serving.contestants import (
    FASTAPI,
    FASTAPI_OUR_ENGINE,
    OURS,
    OURS_ASKING,
    Contestant,
)
from tests.benchmarks.serving.model_files import NATIVE
from tests.benchmarks.serving.plan import CONNECTIONS, LINEAR
from tests.benchmarks.serving.results import Cell
from tests.benchmarks.serving.summary import Summary

#: who over whom, and what of it differs
PAIRS = (
    ("framework and engine", OURS, FASTAPI),
    ("the framework, both with our native engine", OURS, FASTAPI_OUR_ENGINE),
    ("the framework, both asking predict_proba", OURS_ASKING, FASTAPI),
    ("the engine, both in FastAPI", FASTAPI_OUR_ENGINE, FASTAPI),
)


@dataclass(frozen=True, slots=True)
class Part:
    """Requests/s of one over those of another."""

    what: str
    over: Contestant
    under: Contestant
    #: by the number of connections, of what was measured
    ratios: Mapping[int, float]


def parts(summary: Summary) -> Sequence[Part]:
    """Every pair."""
    return [Part(what, over, under, _ratios(summary, over, under)) for what, over, under in PAIRS]


def _ratios(summary: Summary, over: Contestant, under: Contestant) -> Mapping[int, float]:
    found: dict[int, float] = {}
    for connections in CONNECTIONS:
        cell = Cell(model=LINEAR, engine=NATIVE, wire="JSON", rows=1, connections=connections)
        one, other = summary.get((over.name, cell)), summary.get((under.name, cell))
        if one and other:
            found[connections] = one.requests_per_second.median / other.requests_per_second.median
    return found
