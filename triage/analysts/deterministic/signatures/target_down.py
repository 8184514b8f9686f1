"""Prometheus can't scrape something: nothing runs there, or what runs does not answer.

That a target is silent only repeats the alert, so most of it is told as a guess of where to look.
"""

from __future__ import annotations

from triage.analysts.analysis import Cause, Remedy, RuledOut
from triage.analysts.deterministic.facts import Fact, Facts, cited
from triage.analysts.deterministic.reachability import down_fact
from triage.analysts.deterministic.signature import ANALYST, Signature, confidence
from triage.clock import stamp
from triage.commands import see_status
from triage.symptom import Symptom

_ALERTS = frozenset({"TargetDown", "ModelEndpointDown", "MlflowDown"})


def judge(facts: Facts) -> Cause | RuledOut | None:
    """Hold the scrape against the state of the pods behind the target."""
    silent = down_fact(facts) or _told(facts)
    if silent is None:
        return _scaled_to_zero(facts)
    pods = facts.all("pod")
    if unready := next((one for one in pods if one.amount("ready") == 0), None):
        return _cause(facts, silent, unready, f"Its pod {unready.text('pod')} is not ready.", 0.4)
    if pods:
        told = "Its pod is ready, so look at the way to it: the port, the path, or a network policy."
        return _cause(facts, silent, pods[0], told, 0.35)
    if empty := next((one for one in facts.all("workload") if one.amount("ready") == 0), None):
        if empty.number("desired") == 0:
            told = f"{empty.text('name')} is scaled to zero replicas."
            return _cause(facts, silent, empty, told, 0.75)
        return _cause(facts, silent, empty, f"{empty.text('name')} has no pod that is ready.", 0.4)
    return None


def _scaled_to_zero(facts: Facts) -> Cause | None:
    """Where only the workload was saved; an alert of another class does not say that anything is silent."""
    if facts.case.scope.symptom not in {Symptom.TARGET, Symptom.DOWN}:
        return None
    empty = next((one for one in facts.all("workload") if one.number("desired") == 0), None)
    return (
        _cause(facts, None, empty, f"{empty.text('name')} is scaled to zero replicas.", 0.65)
        if empty
        else None
    )


def _told(facts: Facts) -> Fact | None:
    alert = facts.first("alert")
    return alert if alert and alert.text("alertname") in _ALERTS else None


def _cause(facts: Facts, silent: Fact | None, shown: Fact, told: str, base: float) -> Cause:
    scope = facts.case.scope
    since = f" since {stamp(facts.onset)}" if facts.onset else ""
    return Cause(
        kind="target-down",
        title=f"{scope.service or 'The target'} does not answer the scrape",
        explanation=f"Prometheus gets no answer{since}. {told}",
        confidence=confidence(base),
        remediation=(Remedy(text="See what runs behind it.", command=see_status(scope)),),
        citations=cited(silent, shown),
        found_by=ANALYST,
    )


SIGNATURE = Signature(
    kind="target-down",
    looks_for="a target that does not answer the scrape",
    symptoms=frozenset({Symptom.TARGET, Symptom.DOWN}),
    judge=judge,
    needs_cluster=True,
)
