"""What was promised, and by how much it is reached or missed: logistic regression, one row, JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tests.benchmarks.serving.contestants import (
    ECHO,
    FASTAPI,
    FASTAPI_ONNX,
    FRAMEWORKS,
    OURS,
    OURS_ONNX,
)
from tests.benchmarks.serving.model_files import NATIVE, ONNX
from tests.benchmarks.serving.plan import LINEAR, open_cell
from tests.benchmarks.serving.results import Cell
from tests.benchmarks.serving.summary import Summary

#: at so many connections, so many times the requests of the best framework
OVER_FRAMEWORKS = {1: 2.0, 8: 5.0, 32: 5.0}
#: of the best framework's p99 at the same rate
P99_SHARE = 0.5
OVER_FASTAPI = {1: 1.3, 8: 2.0, 32: 2.0}
OF_THE_FLOOR = {1: 0.25, 8: 0.30, 32: 0.30}
OVER_FASTAPI_ONNX = {1: 3.0, 8: 3.0, 32: 3.0}


@dataclass(frozen=True, slots=True)
class Target:
    """A ratio of two medians; None where one of the two was not measured."""

    what: str
    wanted: float
    ratio: float | None
    #: whether a smaller ratio is the better one
    at_most: bool = False
    #: whose figure ours is compared with
    against: str = ""
    #: whose figures are of fewer rounds than were measured
    note: str = ""

    @property
    def reached(self) -> bool | None:
        """None where there is nothing to judge."""
        if self.ratio is None:
            return None
        return self.ratio <= self.wanted if self.at_most else self.ratio >= self.wanted

    @property
    def margin(self) -> float | None:
        """By which share of what is wanted it is better (above 0) or worse."""
        if self.ratio is None:
            return None
        return 1 - self.ratio / self.wanted if self.at_most else self.ratio / self.wanted - 1


def judge(summary: Summary) -> Sequence[Target]:
    """Every target, in the order of the promise."""
    frameworks = [one.name for one in FRAMEWORKS]
    return [
        *_throughputs(summary, NATIVE, "the best framework", frameworks, OVER_FRAMEWORKS),
        *_latencies(summary, frameworks),
        *_throughputs(summary, NATIVE, "plain FastAPI", [FASTAPI.name], OVER_FASTAPI),
        *_throughputs(summary, NATIVE, "the echo server", [ECHO.name], OF_THE_FLOOR),
        *_throughputs(summary, ONNX, "FastAPI, ONNX on both sides", [FASTAPI_ONNX.name], OVER_FASTAPI_ONNX),
    ]


def _throughputs(
    summary: Summary, engine: str, against: str, others: Sequence[str], wanted: dict[int, float]
) -> Sequence[Target]:
    ours = OURS_ONNX.name if engine == ONNX else OURS.name
    found: list[Target] = []
    for connections, ratio in wanted.items():
        cell = Cell(model=LINEAR, engine=engine, wire="JSON", rows=1, connections=connections)
        best = _best_throughput(summary, cell, others)
        own = summary.get((ours, cell))
        value = own.requests_per_second.median / best[1] if own and best else None
        what = f"requests/s over those of {against}, {_connections(connections)}"
        note = _note(summary, cell, [ours, *([best[0]] if best else [])])
        found.append(Target(what, ratio, value, against=best[0] if best else "", note=note))
    return found


def _best_throughput(summary: Summary, cell: Cell, names: Sequence[str]) -> tuple[str, float] | None:
    rates = {
        name: summary[name, cell].requests_per_second.median for name in names if (name, cell) in summary
    }
    return max(rates.items(), key=lambda item: item[1]) if rates else None


def _latencies(summary: Summary, frameworks: Sequence[str]) -> Sequence[Target]:
    """At every rate that a framework could answer."""
    rates = sorted({cell.rate for name, cell in summary if cell.rate is not None and name in frameworks})
    found: list[Target] = []
    for rate in rates:
        cell = open_cell(rate)
        p99 = {name: summary[name, cell].p99_seconds.median for name in frameworks if (name, cell) in summary}
        best = min(p99.items(), key=lambda item: item[1])
        own = summary.get((OURS.name, cell))
        value = own.p99_seconds.median / best[1] if own else None
        what = f"p99 over that of the best framework, {rate:g} requests/s offered to each"
        note = _note(summary, cell, [OURS.name, best[0]])
        found.append(Target(what, P99_SHARE, value, at_most=True, against=best[0], note=note))
    return found or [
        Target("p99 over that of the best framework at equal rates", P99_SHARE, None, at_most=True)
    ]


def _note(summary: Summary, cell: Cell, names: Sequence[str]) -> str:
    """Of the two that are compared."""
    of = {name: summary[name, cell].note for name in names if (name, cell) in summary}
    return ", ".join(f"{name}: {note}" for name, note in of.items() if note)


def _connections(number: int) -> str:
    return f"{number} connection" + ("" if number == 1 else "s")
