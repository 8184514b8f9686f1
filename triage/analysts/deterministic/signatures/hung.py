"""The process runs and writes its log, but its endpoint does not answer."""

from __future__ import annotations

from triage.analysts.analysis import Cause, Remedy, RuledOut
from triage.analysts.deterministic.facts import Facts
from triage.analysts.deterministic.reachability import down_fact, word_after_onset
from triage.analysts.deterministic.signature import ANALYST, Signature, confidence
from triage.clock import stamp
from triage.commands import see_status
from triage.symptom import Symptom


def judge(facts: Facts) -> Cause | RuledOut | None:
    """Look for log lines that were written after the endpoint went silent."""
    down, onset = down_fact(facts), facts.onset
    if down is None or onset is None:
        return None
    speaks = word_after_onset(facts)
    if speaks is None:
        last = facts.first("log.last_line", facts.own_log)
        if last is None or last.at is None:
            return None
        return RuledOut(
            kind="hung",
            title="A process that runs but does not answer",
            reason=f"It wrote nothing after {stamp(last.at)}; the endpoint went silent at {stamp(onset)}.",
            citations=(last.cite(), down.cite()),
        )
    if facts.all("log.errors", facts.own_log):
        return None
    return Cause(
        kind="hung",
        title=f"{facts.case.scope.service} runs but does not answer",
        explanation=f"The endpoint went silent at {stamp(onset)}, yet its log goes on after that.",
        confidence=confidence(0.5),
        remediation=(Remedy(text="See its health and port.", command=see_status(facts.case.scope)),),
        citations=(down.cite(), speaks.cite()),
        found_by=ANALYST,
    )


SIGNATURE = Signature(
    kind="hung",
    looks_for="a process that runs but does not answer",
    symptoms=frozenset({Symptom.DOWN}),
    judge=judge,
)
