"""The work of one job: bring the report of an incident up to date. Running it again changes nothing more."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import structlog

from triage.analysts.analyst import Analyst, Case
from triage.clock import Clock
from triage.consulting import consult
from triage.evidence.collector import scope_of
from triage.evidence.gather import Gatherer
from triage.incident import Incident
from triage.metrics import TriageMetrics
from triage.report.compose import Findings, compose, updated
from triage.report.document import Report
from triage.report.publisher import Publisher
from triage.report.spending import Phase
from triage.store.incidents import IncidentStore

_log = structlog.stdlib.get_logger()


class Diagnosis:
    """Evidence, analysts in the order of trust, report."""

    def __init__(
        self,
        store: IncidentStore,
        gatherer: Gatherer,
        analysts: Sequence[Analyst],
        publisher: Publisher,
        metrics: TriageMetrics,
        clock: Clock,
        models_namespace: str | None = None,
    ) -> None:
        self._store = store
        self._gatherer = gatherer
        self._analysts = analysts
        self._publisher = publisher
        self._metrics = metrics
        self._clock = clock
        self._models_namespace = models_namespace
        #: what code does by itself, before it is told
        self.respond: Callable[[Report, Incident], Report] = lambda report, _: report

    def bring_up_to_date(self, incident_id: str) -> None:
        """Analyse an alert that no analysis covers yet; else only tell what became of the alerts."""
        incident = self._store.read(incident_id)
        former = self._store.report(incident_id)
        if former is not None and incident.episodes <= set(former.episodes):
            report = updated(former, incident, self._clock())
        else:
            report = self._analysed(incident)
        report = self.respond(report, incident)
        self._publisher.publish(report)
        self._metrics.reports.inc()
        _log.info("report_written", incident=incident_id, status=report.status)

    def _analysed(self, incident: Incident) -> Report:
        began = time.monotonic()
        alert = incident.primary
        scope = scope_of(alert, self._clock(), self._models_namespace)
        evidence = self._gatherer.gather(scope)
        gathering = Phase(name="gathering evidence", seconds=time.monotonic() - began)
        self._store.keep_evidence(incident.id, evidence)
        findings = consult(self._analysts, Case(alert, scope, evidence, incident.id))
        self._counted(findings)
        self._metrics.analysis_seconds.observe(time.monotonic() - began)
        return compose(incident, findings.after(gathering), self._clock(), self._store.past)

    def _counted(self, findings: Findings) -> None:
        for item in findings.evidence:
            self._metrics.evidence.labels(item.status).inc()
        for line in findings.analysts:
            if line.problem:
                self._metrics.analyst_failures.labels(line.name).inc()
        for analysis in findings.analyses:
            self._metrics.count_usage(analysis.usage)
