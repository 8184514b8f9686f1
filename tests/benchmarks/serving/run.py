"""A run: rounds over models; in each cell one server after the other, so that a slow minute hits all."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.benchmarks.serving.contestants import FASTAPI, Contestant
from tests.benchmarks.serving.cores import Cores
from tests.benchmarks.serving.environments import NotToBeHad
from tests.benchmarks.serving.load import LoadTool
from tests.benchmarks.serving.measure import Times, awake, load_of, measure
from tests.benchmarks.serving.model_files import Catalogue
from tests.benchmarks.serving.plan import Plan, open_cell
from tests.benchmarks.serving.processes import Running, start
from tests.benchmarks.serving.rates import can_answer, offered_rates
from tests.benchmarks.serving.results import Cell, ClientCheck, Sample
from tests.benchmarks.serving.showing import Showing


@dataclass
class Run:
    """One run on its way."""

    plan: Plan
    catalogue: Catalogue
    cores: Cores
    tool: LoadTool
    #: drives the floor once more, to see whether the first tool is what was measured
    second_tool: LoadTool | None
    workplace: Path
    showing: Showing
    samples: list[Sample] = field(default_factory=list[Sample])
    absent: dict[str, str] = field(default_factory=dict[str, str])
    client_checks: list[ClientCheck] = field(default_factory=list[ClientCheck])
    rates: Sequence[float] = ()

    def play(self) -> None:
        """All rounds; what was measured so far stands when it is broken off."""
        for round_number in range(1, self.plan.rounds + 1):
            for model in self.plan.models():
                with self._servers(model) as servers:
                    self._round(round_number, model, servers)

    def _round(self, round_number: int, model: str, servers: Sequence[Running]) -> None:
        for cell in self.plan.of_model(model):
            self._cell(cell, round_number, servers)
        if not self.plan.has_open_loop(model):
            return
        if round_number == 1:
            self.rates = offered_rates(self._capacities(), FASTAPI.name)
            self._check_client(servers)
        for rate in self.rates:
            able = [one for one in servers if can_answer(self._capacity(one.contestant), rate)]
            self._cell(open_cell(rate), round_number, able)

    def _cell(self, cell: Cell, round_number: int, servers: Sequence[Running]) -> None:
        asked = self.plan.asked(cell)
        taking_part = [server for server in servers if server.contestant in asked]
        # each round begins with another one, so that none is always first
        first = round_number % max(1, len(taking_part))
        for server in (*taking_part[first:], *taking_part[:first]):
            self.showing.at(server.contestant.name, cell, round_number)
            times = Times(self.plan.warm_up_seconds, self.plan.seconds_of(cell))
            self.samples.append(measure(server, cell, round_number, self.tool, times, self.workplace))
            self.showing.measured(self.samples[-1])

    @contextmanager
    def _servers(self, model: str) -> Generator[Sequence[Running]]:
        """All of the model's servers, held still; who can't start is noted with the reason."""
        with ExitStack() as stack:
            found: list[Running] = []
            for contestant in self.plan.started_for(model):
                if server := self._start(contestant, model):
                    stack.callback(server.stop)
                    server.hold()
                    found.append(server)
            yield found

    def _start(self, contestant: Contestant, model: str) -> Running | None:
        key = (model, contestant.engine)
        if f"{contestant.name}: {model}" in self.absent:
            return None
        if reason := self.catalogue.missing.get(key):
            return self._leave_out(contestant, model, reason)
        self.showing.starting(contestant.name, model)
        log = self.workplace / "server.log"
        try:
            return start(contestant, self.catalogue.found[key], self.cores, log)
        except NotToBeHad as error:
            return self._leave_out(contestant, model, str(error))

    def _leave_out(self, contestant: Contestant, model: str, reason: str) -> None:
        """Say it once; it stands on the page."""
        self.absent[f"{contestant.name}: {model}"] = reason
        self.showing.absent(contestant.name, model, reason)

    def _capacities(self) -> Mapping[str, float]:
        """What each answered at full load in the first round, of those whose rates are compared."""
        floors = {one.name for one in self.plan.contestants if one.floor or not one.pinned}
        return {
            sample.server: sample.requests_per_second
            for sample in self.samples
            if sample.cell == open_cell() and sample.round == 1 and sample.valid
            if sample.server not in floors
        }

    def _capacity(self, contestant: Contestant) -> float:
        return self._capacities().get(contestant.name, 0.0)

    def _check_client(self, servers: Sequence[Running]) -> None:
        """The fastest there is, under both tools: where they agree, neither is the bottleneck."""
        for floor in (server for server in servers if server.contestant.floor):
            for tool in filter(None, (self.tool, self.second_tool)):
                with awake(floor):
                    seen = tool.drive(load_of(floor, open_cell(), self.plan.seconds), self.workplace)
                self.client_checks.append(
                    ClientCheck(
                        tool=f"{tool.name} {tool.version}",
                        requests_per_second=seen.requests_per_second,
                        client_cpu=seen.client_cpu,
                    )
                )
