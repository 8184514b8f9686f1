"""A container ends again and again by itself; its last words say why."""

from __future__ import annotations

from triage.analysts.analysis import Cause, Remedy, RuledOut
from triage.analysts.deterministic.containers import (
    MOST_TITLE,
    NEVER_RAN,
    SYMPTOMS,
    is_recent,
    last_words,
    place,
    probe_kill,
    same_container,
    waiting_for,
)
from triage.analysts.deterministic.facts import Fact, Facts, cited
from triage.analysts.deterministic.signature import ANALYST, Signature, confidence
from triage.clock import stamp
from triage.commands import see_history

_OFTEN = 2


def judge(facts: Facts) -> Cause | RuledOut | None:
    """Look for a container that waits to be started again, or that ended with an error more than once."""
    looping = waiting_for(facts, {"CrashLoopBackOff"})
    ended = _ended(facts, looping)
    if ended is None or ended.text("reason") in NEVER_RAN | {"OOMKilled"} or probe_kill(facts, ended):
        return None
    return _cause(facts, looping, ended)


def _ended(facts: Facts, looping: Fact | None) -> Fact | None:
    if looping:
        return next(iter(same_container(facts, "pod.terminated", looping)), None)
    ends = (one for one in facts.all("pod.terminated") if is_recent(facts, one))
    failed = (one for one in ends if one.amount("exit_code") != 0)
    return next((one for one in failed if one.amount("restarts") >= _OFTEN), None)


def _cause(facts: Facts, looping: Fact | None, ended: Fact) -> Cause:
    words = last_words(facts, ended)
    said = (words.text("error") or words.text("text")) if words else ""
    complains = bool(words and words.text("error"))
    ran = ended.number("ran_seconds")
    lasted = f" after {ran:.0f} s" if ran is not None else ""
    at = f", last at {stamp(ended.at)}" if ended.at else ""
    pod, container = ended.text("pod"), ended.text("container")
    return Cause(
        kind="crash-loop",
        title=f"Container {place(ended)} keeps ending" + (f": {said[:MOST_TITLE]}" if said else ""),
        explanation=(
            f"It ended with exit code {ended.amount('exit_code'):.0f}{lasted}{at}, and has been "
            f"restarted {ended.amount('restarts'):.0f} times."
            + (" The error in its log came before." if complains else "")
        ),
        confidence=confidence(0.6, (looping is not None, 0.15), (words is not None, 0.05), (complains, 0.1)),
        remediation=(
            Remedy(
                text="Read its last words.",
                command=f"kubectl -n {ended.text('namespace')} logs {pod} -c {container} --previous",
            ),
            Remedy(
                text="See what changed before, and revert it if it brought this.",
                command=see_history(facts.case.scope),
            ),
        ),
        citations=cited(looping, ended, words),
        found_by=ANALYST,
    )


SIGNATURE = Signature(
    kind="crash-loop",
    looks_for="a container that ends again and again",
    symptoms=SYMPTOMS,
    judge=judge,
    needs_cluster=True,
)
