"""What a run measures: a part that takes about twenty minutes, or everything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

from tests.benchmarks.serving.contestants import ALL, OURS_TWO_WORKERS, Contestant
from tests.benchmarks.serving.model_files import MODELS, NATIVE, ONNX, ROWS
from tests.benchmarks.serving.results import Cell

LINEAR = "logistic regression"
CONNECTIONS = (1, 8, 32)
#: in an open loop; more than are ever busy at the rates that we offer
OPEN_CONNECTIONS = 32
#: a server's start, with its first answers
START_SECONDS = 4.0
#: starting the load tool twice and looking at /proc
OVERHEAD_SECONDS = 0.4
#: rates of the open loop: a share of two servers' capacity
RATES = 2
#: of an open loop: of 100 requests a second p99 is the eleventh worst then, and not the third
OPEN_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Plan:
    """Cells, each measured in every round for every server that can answer it."""

    cells: Sequence[Cell]
    contestants: Sequence[Contestant]
    rounds: int
    warm_up_seconds: float
    seconds: float
    open_seconds: float = OPEN_SECONDS

    def models(self) -> Sequence[str]:
        """In the order of the cells."""
        return list(dict.fromkeys(cell.model for cell in self.cells))

    def of_model(self, model: str) -> Sequence[Cell]:
        """Its cells."""
        return [cell for cell in self.cells if cell.model == model]

    def asked(self, cell: Cell) -> Sequence[Contestant]:
        """Who takes part in ``cell``."""
        return [one for one in self.contestants if takes_part(one, cell)]

    def started_for(self, model: str) -> Sequence[Contestant]:
        """Who takes part in any cell of ``model``."""
        cells = self.of_model(model)
        return [one for one in self.contestants if any(takes_part(one, cell) for cell in cells)]

    def has_open_loop(self, model: str) -> bool:
        """Equal rates are offered for the linear model, one row: where the targets are."""
        return open_cell() in self.of_model(model)

    def wanted(self) -> Sequence[tuple[str, str]]:
        """Every model and engine that somebody serves."""
        return list(
            dict.fromkeys((model, one.engine) for model in self.models() for one in self.started_for(model))
        )

    def measurements(self) -> int:
        """How many there are in a round; of the open loop an upper bound."""
        return sum(len(self.asked(cell)) for cell in self.cells) + self._in_open_loops()

    def seconds_of(self, cell: Cell) -> float:
        """How long a measurement in ``cell`` takes."""
        return self.seconds if cell.rate is None else self.open_seconds

    def _in_open_loops(self) -> int:
        with_rates = any(self.has_open_loop(model) for model in self.models())
        return RATES * len(self.asked(open_cell(1.0))) if with_rates else 0

    def estimated_seconds(self) -> float:
        """How long it takes, without making environments and models."""
        starts = sum(len(self.started_for(model)) for model in self.models())
        one = self.warm_up_seconds + self.seconds + OVERHEAD_SECONDS
        longer = self._in_open_loops() * (self.open_seconds - self.seconds)
        return self.rounds * (self.measurements() * one + longer + starts * START_SECONDS)


def takes_part(contestant: Contestant, cell: Cell) -> bool:
    """Native against native and ONNX against ONNX; who stands beside them where it says something."""
    if cell.wire not in contestant.wires or contestant.compared_as != cell.engine:
        return False
    if contestant.beside and (cell.model, cell.wire, cell.rows, cell.rate) != (LINEAR, "JSON", 1, None):
        return False
    if contestant.floor:
        return cell.rate is None
    return contestant is not OURS_TWO_WORKERS or cell.connections > 1


def open_cell(rate: float | None = None) -> Cell:
    """Where equal rates are offered."""
    return _cell(LINEAR, NATIVE, "JSON", 1, OPEN_CONNECTIONS).model_copy(update={"rate": rate})


def default_cells() -> Sequence[Cell]:
    """The part that every target needs, and a look at the rest."""
    others = [model for model in MODELS if model != LINEAR]
    return [
        *(_cell(LINEAR, NATIVE, "JSON", 1, connections) for connections in CONNECTIONS),
        *(_cell(LINEAR, ONNX, "JSON", 1, connections) for connections in CONNECTIONS),
        _cell(LINEAR, NATIVE, "JSON", 64, 8),
        *(_cell(LINEAR, NATIVE, "binary", rows, 8) for rows in ROWS),
        *(_cell(model, NATIVE, "JSON", 1, 8) for model in others),
    ]


def all_cells() -> Sequence[Cell]:
    """Everything with everything; where parity fails there is no ONNX, and the report says so."""
    return [_cell(*of) for of in product(MODELS, (NATIVE, ONNX), ("JSON", "binary"), ROWS, CONNECTIONS)]


def make_plan(
    *,
    full: bool,
    rounds: int,
    seconds: float,
    warm_up_seconds: float,
    open_seconds: float = OPEN_SECONDS,
    only: Sequence[str] = (),
) -> Plan:
    """A plan; ``only`` names parts of servers' names that alone take part.

    Raises:
        ValueError: when a part is in no server's name.
    """
    for part in only:
        if not any(part.lower() in one.name.lower() for one in ALL):
            raise ValueError(f"'{part}' is in no server's name: {', '.join(one.name for one in ALL)}.")
    chosen = [one for one in ALL if not only or any(part.lower() in one.name.lower() for part in only)]
    cells = [
        cell
        for cell in (all_cells() if full else default_cells())
        if any(takes_part(one, cell) for one in chosen)
    ]
    return Plan(cells, chosen, rounds, warm_up_seconds, seconds, open_seconds)


def _cell(model: str, engine: str, wire: str, rows: int, connections: int) -> Cell:
    return Cell(model=model, engine=engine, wire=wire, rows=rows, connections=connections)
