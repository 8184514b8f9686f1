"""One alert diagnosed at a terminal, from the sources that a person names; nothing is stored or sent."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import httpx

from triage.alert import Alert
from triage.analysts.analysis import Analysis, Citation
from triage.analysts.analyst import Analyst, Case
from triage.analysts.deterministic.analyst import DeterministicAnalyst
from triage.clock import Clock, utc_now
from triage.consulting import consult
from triage.evidence.collector import Collector, Scope, scope_of
from triage.evidence.files.collector import Folder, FolderCollector, open_folder
from triage.evidence.files.placing import placed, present
from triage.evidence.files.verbatim import verbatim
from triage.evidence.gather import Gatherer
from triage.evidence.git import Git
from triage.evidence.handoffs import HandOffCollector
from triage.evidence.logs import LogCollector
from triage.evidence.metrics import MetricsCollector
from triage.evidence.prometheus import Prometheus
from triage.evidence.release_diff import ReleaseDiffCollector
from triage.incident import Incident
from triage.report.compose import compose
from triage.report.document import Report
from triage.report.markdown import to_markdown
from triage.senders.alertmanager import load_webhook

_LOOKBACK = timedelta(minutes=30)
_RATE_WINDOW_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Sources:
    """Where to look; what is None is not looked at."""

    #: a folder of text files, whatever they are called
    evidence: Path | None = None
    logs: Path | None = None
    forge: Path | None = None
    prometheus_url: str | None = None


def diagnose(
    alert_file: Path,
    sources: Sources,
    clock: Clock = utc_now,
    analysts: Sequence[Analyst] = (DeterministicAnalyst(),),
) -> tuple[Report, str]:
    """The report on the payload in ``alert_file``, as data and as Markdown.

    Raises:
        InvalidPayload: when the file is not an Alertmanager webhook payload.
        ConfigError: when the file can't be read, or the folder of evidence holds no file.
    """
    batch = load_webhook(alert_file)
    incident = Incident("by-hand", batch.group_key, 1, batch.alerts, batch.truncated)
    folder = open_folder(sources.evidence) if sources.evidence else None
    scope = _scope(incident.primary, folder, clock)
    with ExitStack() as opened:
        evidence = Gatherer(_collectors(sources, folder, clock, opened), clock).gather(scope)
    findings = consult(analysts, Case(incident.primary, scope, evidence))
    if folder:
        analyses = [_quoted_as_saved(analysis, folder) for analysis in findings.analyses]
        findings = replace(findings, analyses=analyses)
    report = compose(incident, findings, clock())
    return report, to_markdown(report, None)


def _scope(alert: Alert, folder: Folder | None, clock: Clock) -> Scope:
    """What was saved is of the alert's time, which may be long ago; what is asked now is of now."""
    if folder is None:
        return scope_of(alert, clock())
    scope = scope_of(alert, present(alert, folder.latest, clock))
    return placed(scope, folder.observations, folder.latest)


def _quoted_as_saved(analysis: Analysis, folder: Folder) -> Analysis:
    """The analysis with quotes that a reader finds in the files themselves."""

    def quoted(citations: tuple[Citation, ...]) -> tuple[Citation, ...]:
        return tuple(
            one.model_copy(update={"quote": verbatim(one.quote, folder.original(one.evidence, one.line))})
            for one in citations
        )

    causes = tuple(one.model_copy(update={"citations": quoted(one.citations)}) for one in analysis.causes)
    ruled_out = tuple(
        one.model_copy(update={"citations": quoted(one.citations)}) for one in analysis.ruled_out
    )
    return analysis.model_copy(update={"causes": causes, "ruled_out": ruled_out})


def _collectors(
    sources: Sources, folder: Folder | None, clock: Clock, opened: ExitStack
) -> Sequence[Collector]:
    found: list[Collector] = []
    if folder:
        found.append(FolderCollector(folder, clock))
    if sources.prometheus_url:
        client = opened.enter_context(httpx.Client(base_url=sources.prometheus_url, timeout=5.0))
        found.append(MetricsCollector(Prometheus(client), _LOOKBACK, _RATE_WINDOW_SECONDS, clock))
    if sources.logs:
        found.append(LogCollector(sources.logs, _LOOKBACK, clock))
    if sources.forge:
        git = Git(sources.forge)
        found += [HandOffCollector(git, clock), ReleaseDiffCollector(git, clock)]
    return found
