"""From checked rows to a decision: the way that every prediction takes, whatever the protocol."""

from __future__ import annotations

from typing import Protocol

from serving.batching.patience import Patience
from serving.bundle import BundleManifest
from serving.decision import Decision, decide
from serving.engines.engine import Probabilities, Rows
from serving.faults import Faults
from serving.metrics import Metrics
from serving.observation import Observation, Phase
from serving.wire.schema import InputSchema


class Batching(Protocol):
    """Answers many requests with one engine."""

    async def probabilities(self, rows: Rows, patience: Patience) -> Probabilities:
        """The probability of each class for each of ``rows``, or the one error that this request deserves."""
        ...


class Witness(Protocol):
    """Sees every answered request; it never waits and never raises."""

    def offer(self, rows: Rows, decision: Decision, trace_id: str | None) -> None:
        """Take a copy of the request, or leave it."""
        ...


class Predictor:
    """Asks the engine, decides, and tells those who count and remember."""

    def __init__(
        self,
        manifest: BundleManifest,
        batching: Batching,
        metrics: Metrics,
        faults: Faults,
        witness: Witness,
    ) -> None:
        self.manifest = manifest
        self.schema = InputSchema(manifest)
        self._batching = batching
        self._metrics = metrics
        self._faults = faults
        self._witness = witness

    async def predict(self, rows: Rows, observation: Observation, patience: Patience) -> Decision:
        """What the model says about each of ``rows``, which its schema has checked.

        Raises:
            Overloaded: when too much waits already.
            DeadlinePassed: when the answer would come too late.
            ClientLeft: when nobody waits for it any more.
            Exception: what the engine raises for these rows.
        """
        observation.begin(Phase.PREDICT)
        observation.rows = len(rows)
        await self._faults.before_predict()
        probabilities = await self._batching.probabilities(rows, patience)
        decision = decide(self.manifest, probabilities)
        observation.end()
        self._metrics.predicted(decision, self.schema.out_of_range(rows))
        self._witness.offer(rows, decision, observation.trace_id)
        return decision
