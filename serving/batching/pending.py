"""A request whose rows wait for the engine or are with it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from serving.batching.patience import Patience
from serving.engines.engine import Probabilities, Rows

#: what a request comes to; an error is a result here, since a future logs an error that nobody fetched
Outcome = Probabilities | Exception


@dataclass(eq=False, slots=True)
class Pending:
    """One request, from its arrival to its outcome."""

    rows: Rows
    patience: Patience
    #: None once it was fetched: an error's traceback leads here, and no way may lead back to the error
    outcome: asyncio.Future[Outcome] | None
    #: by the batcher's clock, in seconds
    arrived: float

    @property
    def wanted(self) -> bool:
        """Whether somebody still waits for it: it was not cancelled, its deadline has not passed."""
        outcome = self.outcome
        return outcome is not None and not outcome.done()

    def settle(self, outcome: Outcome) -> None:
        """Give the request its outcome, unless it has one or nobody wants it any more."""
        if self.outcome is not None and not self.outcome.done():
            self.outcome.set_result(outcome)
