"""The runner's own log lines, beside what the stages print into the log of their run."""

from __future__ import annotations

from dataclasses import dataclass

import structlog

from delivery.pipeline import Order, Runs
from delivery.stages import Verdict
from homeostat.log import configure_logging


@dataclass(frozen=True, slots=True)
class LoggedPipeline:
    """Tells when a run begins and how it ended."""

    pipeline: Runs

    def run(self, order: Order) -> Verdict:
        """Run the pipeline."""
        log = structlog.get_logger().bind(run=order.name, commit=order.commit)
        log.info("run_started", base=order.base)
        verdict = self.pipeline.run(order)
        log.info("run_ended", outcome=verdict.outcome.value, sentence=verdict.sentence)
        return verdict


def logged_pipeline(pipeline: Runs) -> LoggedPipeline:
    """``pipeline`` with a line in the service's log for every run."""
    configure_logging("runner")
    return LoggedPipeline(pipeline)
