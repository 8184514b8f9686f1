"""A container ends again and again by itself; its last words say why, or its exit code does.

That it ends again and again only repeats the alert: without a word of why it is told as a guess.
"""

from __future__ import annotations

import re

from triage.analysts.analysis import Cause, Remedy, RuledOut
from triage.analysts.deterministic.calibration import BASES
from triage.analysts.deterministic.containers import (
    MOST_TITLE,
    NEVER_RAN,
    SYMPTOMS,
    is_recent,
    last_words,
    left_behind,
    place,
    probe_kill,
    same_container,
    waiting_for,
)
from triage.analysts.deterministic.facts import Fact, Facts, cited
from triage.analysts.deterministic.places import history
from triage.analysts.deterministic.signature import ANALYST, Signature, confidence
from triage.clock import stamp

_OFTEN = 2
#: what was said last before the end, where it does not call itself an error
_COMPLAINS = re.compile(
    r"(?i)\b(?:must|expected|invalid|refused?|denied|missing|required|fatal|abort\w*|error|cannot|can't"
    r"|fail\w*|"
    r"not (?:found|valid|allowed|a)|no such|unknown|unable|unsupported)\b"
)
#: exit codes that say how it ended
_CODES = {
    126: "its command can't be executed",
    127: "its command is not found",
    132: "an illegal instruction (SIGILL): built for another processor",
    134: "it aborted (SIGABRT)",
    139: "a segmentation fault (SIGSEGV)",
}


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
    said = (words.text("error") or words.text("text")) if words else left_behind(ended)
    complains = bool(words and words.text("error")) or _COMPLAINS.search(said) is not None
    code = _CODES.get(round(ended.amount("exit_code")), "")
    ran = ended.number("ran_seconds")
    lasted = f" after {ran:.0f} s" if ran is not None else ""
    at = f", last at {stamp(ended.at)}" if ended.at else ""
    pod, container = ended.text("pod"), ended.text("container")
    return Cause(
        kind="crash-loop",
        title=f"CrashLoopBackOff: container {place(ended)} keeps ending"
        + (f": {(said if complains else '') or code or said}"[: MOST_TITLE + 2] if said or code else ""),
        explanation=(
            f"It ended with exit code "
            f"{ended.amount('exit_code'):.0f}{f' ({code})' if code else ''}{lasted}{at}, "
            f"and has been restarted {ended.amount('restarts'):.0f} times."
            + (" The error in its log came before." if complains else "")
        ),
        confidence=confidence(
            BASES["crash-loop"],
            (looping is not None, 0.1),
            (complains, 0.2),
            (not complains and not code, -0.2),
        ),
        remediation=(
            Remedy(
                text="Read its last words.",
                command=f"kubectl -n {ended.text('namespace')} logs {pod} -c {container} --previous",
            ),
            history(facts),
        ),
        citations=cited(words if complains else None, looping, ended, words),
        found_by=ANALYST,
    )


SIGNATURE = Signature(
    kind="crash-loop",
    looks_for="a container that ends again and again",
    symptoms=SYMPTOMS,
    judge=judge,
    needs_cluster=True,
)
