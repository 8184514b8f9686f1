"""Which kind of report an alert asks for."""

from __future__ import annotations

from triage.report.document import ReportKind
from triage.symptom import Symptom, symptom_of

_BY_SYMPTOM = {Symptom.PIPELINE: ReportKind.PIPELINE, Symptom.DRIFT: ReportKind.DRIFT}
#: the alert that stands for those of a storm that are not looked at one by one
_DIGESTS = frozenset({"AlertStorm", "StormDigest"})


def kind_of(alertname: str) -> ReportKind:
    """The kind of report on the alert that the rule ``alertname`` raised."""
    if alertname in _DIGESTS:
        return ReportKind.DIGEST
    return _BY_SYMPTOM.get(symptom_of(alertname), ReportKind.ALERT)
