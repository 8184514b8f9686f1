"""The process behind the endpoint is gone, or never came up."""

from __future__ import annotations

from triage.analysts.analysis import Cause, Remedy, RuledOut
from triage.analysts.deterministic.containers import ended_badly
from triage.analysts.deterministic.facts import Fact, Facts
from triage.analysts.deterministic.reachability import down_fact, word_after_onset
from triage.analysts.deterministic.signature import ANALYST, Signature, confidence
from triage.clock import stamp
from triage.commands import read_log, see_status
from triage.symptom import Symptom


def judge(facts: Facts) -> Cause | RuledOut | None:
    """The endpoint answers nothing: read the last words of its process."""
    if facts.all("pod.container"):
        # a container's state says how it ended; other signatures read it
        return None
    down = down_fact(facts)
    last = facts.first("log.last_line", facts.own_log)
    if down is None or (last is None and facts.onset is None):
        return None
    complaints = facts.all("log.errors", facts.own_log)
    # what was said last is closest to the end
    complaint = max(complaints, key=lambda fact: fact.observation.line, default=None)
    speaks = word_after_onset(facts)
    if speaks and complaint is None:
        return RuledOut(
            kind="process-died",
            title="A dead process",
            reason=f"The service still wrote to its log at {stamp(speaks.at or facts.case.scope.now)}.",
            citations=(speaks.cite(),),
        )
    return _cause(facts, down, complaint, last)


def _cause(facts: Facts, down: Fact, complaint: Fact | None, last: Fact | None) -> Cause:
    said = f": {complaint.text('error')[:120]}" if complaint else ""
    loads = facts.all("log.model_loaded", facts.own_log)
    exited = ended_badly(facts)
    how = f": {exited.text('text')[:120]}" if exited and exited.text("signal") and not said else ""
    onset = facts.onset
    since = f" since {stamp(onset)}" if onset else ""
    ending = (
        " Its log ends with an error." if complaint else " Its log ends without an error, as after a kill."
    )
    return Cause(
        kind="process-died",
        title=f"The process of {facts.case.scope.service} died{said or how}",
        explanation=f"The endpoint does not answer the scrape{since}.{ending}",
        confidence=confidence(
            0.5,
            (complaint is not None, 0.25),
            (exited is not None, 0.15),
            (last is not None, 0.1),
            (len(loads) > 1, 0.05),
        ),
        remediation=(
            Remedy(
                text="See whether it runs and how often it was restarted.",
                command=see_status(facts.case.scope),
            ),
            Remedy(
                text="Read its last words.",
                command=read_log(facts.case.scope),
            ),
        ),
        citations=tuple({fact.cite(): None for fact in (down, complaint, exited, last) if fact}),
        found_by=ANALYST,
    )


SIGNATURE = Signature(
    kind="process-died",
    looks_for="a process that ended",
    symptoms=frozenset({Symptom.DOWN}),
    judge=judge,
)
