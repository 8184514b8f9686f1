"""A new version does not become ready; where the old one still serves, its users notice nothing yet."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from triage.analysts.analysis import Cause, Remedy, RuledOut
from triage.analysts.deterministic.containers import SYMPTOMS
from triage.analysts.deterministic.facts import Fact, Facts, cited
from triage.analysts.deterministic.signature import ANALYST, Signature, confidence
from triage.clock import stamp
from triage.commands import see_history

#: a rollout beside a serving version may take this long
_PATIENCE = timedelta(minutes=3)


def judge(facts: Facts) -> Cause | RuledOut | None:
    """Compare the newest ReplicaSet of each Deployment with the ones before it."""
    for workload in facts.all("workload"):
        name = workload.text("name")
        made = [one for one in facts.all("workload.replica_set") if one.text("deployment") == name]
        if made and (cause := _hanging(facts, name, made)):
            return cause
    return None


def _hanging(facts: Facts, deployment: str, made: Sequence[Fact]) -> Cause | None:
    newest = max(made, key=lambda one: one.amount("revision"))
    if newest.amount("desired") == 0 or newest.amount("ready") >= newest.amount("desired"):
        return None
    overdue = _overdue(facts, deployment)
    serving = next((one for one in made if one is not newest and one.amount("ready") > 0), None)
    waited = newest.at is not None and facts.case.scope.now - newest.at >= _PATIENCE
    # a lone revision that lost its pods is no rollout: they have another trouble
    if overdue is None and not (serving and waited):
        return None
    return _cause(facts, newest, serving, overdue)


def _overdue(facts: Facts, deployment: str) -> Fact | None:
    conditions = [one for one in facts.all("workload.condition") if one.text("name") == deployment]
    return next((one for one in conditions if one.text("reason") == "ProgressDeadlineExceeded"), None)


def _cause(facts: Facts, newest: Fact, serving: Fact | None, overdue: Fact | None) -> Cause:
    still = "No other revision serves."
    if serving:
        still = (
            f"Revision {serving.amount('revision'):.0f} still serves: {serving.amount('ready'):.0f} ready."
        )
    since = f" since {stamp(newest.at)}" if newest.at else ""
    return Cause(
        kind="rollout-hangs",
        title=f"The rollout of {newest.text('deployment')} to revision {newest.amount('revision'):.0f} hangs",
        explanation=(
            f"Of the new revision {newest.amount('ready'):.0f} of {newest.amount('desired'):.0f} pods are "
            f"ready{since}. {still}"
        ),
        confidence=confidence(0.6, (overdue is not None, 0.2), (serving is not None, 0.05)),
        remediation=(
            Remedy(
                text="Roll back: revert the commit that brought the revision, and push.",
                command=see_history(facts.case.scope),
            ),
            Remedy(
                text="See what holds it up.",
                command=f"kubectl -n {newest.text('namespace')} describe replicaset {newest.text('name')}",
            ),
        ),
        citations=cited(newest, serving, overdue, facts.first("handoff")),
        found_by=ANALYST,
    )


SIGNATURE = Signature(
    kind="rollout-hangs",
    looks_for="a rollout that does not come to its end",
    symptoms=SYMPTOMS,
    judge=judge,
    needs_cluster=True,
)
