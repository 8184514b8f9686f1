"""All scenarios against one server, each while somebody else has to be answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from homeostat.progress import step
from tests.benchmarks.serving.abuse.bodies import BadText, GzipBomb, LargeBody, ManyObjects
from tests.benchmarks.serving.abuse.good_client import Question, Served, asking
from tests.benchmarks.serving.abuse.greedy_connections import DeepPipelines, GiantHeads, NeverReading
from tests.benchmarks.serving.abuse.killed_worker import KILLS, KilledWorker
from tests.benchmarks.serving.abuse.scenario import Outcome, Scenario
from tests.benchmarks.serving.abuse.slow_connections import SlowConnections
from tests.benchmarks.serving.processes import Running


@dataclass(frozen=True, slots=True)
class Played:
    """A scenario and both sides of it."""

    name: str
    outcome: Outcome
    served: Served

    @property
    def failures(self) -> Sequence[str]:
        """What must not be."""
        # the good client is not spared by a killed worker, but it has one request in flight at a time
        spared = KILLS if self.name == KilledWorker().name else 0
        others = self.served.failures if len(self.served.failures) > spared else []
        none = [] if self.served.answered else ["the good client was never answered"]
        return [*self.outcome.failures, *none, *(f"the good client got {text}" for text in others[:3])]


def scenarios(connections: int) -> Sequence[Scenario]:
    """In the order in which they are played; the one that ends processes comes last."""
    return (
        BadText(),
        GzipBomb(),
        ManyObjects(),
        LargeBody(),
        GiantHeads(),
        DeepPipelines(),
        NeverReading(),
        SlowConnections(connections),
        KilledWorker(),
    )


def play_all(server: Running, connections: int, console: Console) -> Sequence[Played]:
    """One after the other."""
    message = server.contestant.wires["JSON"].ask(server.prepared.requests[1])
    question = Question(server.port, message.path, message.headers, message.body, b'"probabilities"')
    played: list[Played] = []
    for scenario in scenarios(connections):
        with step(console, scenario.name):
            with asking(question) as served:
                outcome = scenario.play(server)
            played.append(Played(scenario.name, outcome, served))
    return played


def table(played: Sequence[Played]) -> Table:
    """For a person."""
    shown = Table("what", "seen", "good client", "slowest", "")
    for one in played:
        served = f"{one.served.answered} answered, {len(one.served.failures)} failed"
        verdict = "\n".join(one.failures) or "ok"
        shown.add_row(one.name, one.outcome.seen, served, f"{one.served.slowest_seconds:.2f} s", verdict)
    return shown
