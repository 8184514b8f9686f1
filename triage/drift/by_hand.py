"""One drift event assessed at a terminal or in a workflow; nothing is stored, sent or retrained."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import httpx

from triage.alert import AlertBatch
from triage.analysts.analyst import Case
from triage.analysts.deterministic.analyst import DeterministicAnalyst
from triage.clock import Clock, utc_now
from triage.consulting import consult
from triage.errors import InvalidPayload
from triage.evidence.collector import Collector, scope_of
from triage.evidence.drift.collector import DriftCollector
from triage.evidence.drift.mlflow import Mlflow
from triage.evidence.drift.runs import RunComparison
from triage.evidence.gather import Gatherer
from triage.evidence.git import Git
from triage.evidence.handoffs import HandOffCollector
from triage.incident import Incident
from triage.report.compose import compose
from triage.report.document import Report
from triage.report.markdown import to_markdown
from triage.senders.drift import load_drift

_TIMEOUT_SECONDS = 10.0
_BY_HAND = "Nothing is retrained by hand: send the event to triage, or dispatch 'retrain'."


def assess_event(
    event: Path, mlflow_url: str | None = None, forge: Path | None = None, clock: Clock = utc_now
) -> tuple[Report, str]:
    """The report on the event in the file, as data and as Markdown.

    Raises:
        InvalidPayload: when the file is no drift event, or one that only says that all is well.
        ConfigError: when the file can't be read.
    """
    said = load_drift(event)
    if not isinstance(said, AlertBatch):
        raise InvalidPayload(event, ["resolved is true: there is nothing to assess."])
    incident = Incident("by-hand", said.group_key, 1, said.alerts)
    scope = scope_of(incident.primary, clock())
    with ExitStack() as opened:
        runs = None
        if mlflow_url:
            client = opened.enter_context(httpx.Client(base_url=mlflow_url, timeout=_TIMEOUT_SECONDS))
            runs = RunComparison(Mlflow(client), clock)
        collectors: list[Collector] = [DriftCollector(clock, runs)]
        if forge:
            collectors.append(HandOffCollector(Git(forge), clock))
        evidence = Gatherer(collectors, clock).gather(scope)
    findings = consult((DeterministicAnalyst(),), Case(incident.primary, scope, evidence))
    report = compose(incident, findings, clock())
    if report.drift is not None:
        report = report.model_copy(update={"drift": report.drift.model_copy(update={"response": _BY_HAND})})
    return report, to_markdown(report, None)
