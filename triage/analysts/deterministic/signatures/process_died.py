"""The process behind the endpoint is gone, or never came up."""

from __future__ import annotations

import re
from collections.abc import Sequence

from triage.analysts.analysis import Cause, Remedy, RuledOut
from triage.analysts.deterministic.claims import Claim, claimed, said
from triage.analysts.deterministic.complaints import complaints
from triage.analysts.deterministic.containers import MOST_TITLE, SYMPTOMS, ended_badly
from triage.analysts.deterministic.context import nearby
from triage.analysts.deterministic.facts import Fact, Facts
from triage.analysts.deterministic.frames import OWN_FRAME, place_of
from triage.analysts.deterministic.places import history, look, who
from triage.analysts.deterministic.reachability import down_fact, word_after_onset
from triage.analysts.deterministic.signature import ANALYST, Signature, confidence
from triage.analysts.deterministic.wording import shortened
from triage.clock import stamp
from triage.commands import read_log, see_status
from triage.symptom import Symptom

#: the last words of runtimes, then those of the kernel and of supervisors, the most telling first
_LAST_WORDS = (
    re.compile(
        r"(?:^|[\s\"])(?:panic|fatal error|Fatal Python error|Unhandled exception): \S|panicked at\b"
        r"|\b(?:Uncaught|Unhandled|uncaught|unhandled)(?:Promise| promise)? ?(?:[Ee]xception|[Rr]ejection)"
        r"|\.rb:\d+:in .*\(\w+Error\)$|Kernel pid terminated|GenServer \S+ terminating"
        r"|Exception in thread \"main\""
        r"|triggerUncaughtException|terminate called (?:after|without)"
        r"|detected by the Java Runtime Environment|(?:double free|heap|stack) (?:or )?(?:corruption"
        r"|smashing)"
    ),
    re.compile(
        r"(?i)\bsegfault at|segmentation (?:fault|violation)|\bSIG(?:SEGV|ABRT|BUS|ILL|FPE)\b|core[ -]dumped"
        r"|general protection fault|\bbus error\b|illegal instruction"
    ),
)
_WATCHED = (
    re.compile(
        r"(?i)main process exited, code=(?:killed|dumped|exited), status=(?!0/|15/|143/)(?P<status>\d+/\w+)"
        r"|terminated by (?P<signal>SIG(?!TERM|INT)\w+)|\(exit status (?P<code>(?!0\b)\d+); not expected\)"
        r"|\bexit_?[cC]ode[=: \"]+(?P<died>1(?:3[2-9]|59))\b"
        r"|entered FATAL state|\bExited \((?P<exit>(?!0\)|143\)|130\))\d+)\)"
        r"|(?:exited|ended|died|quit|terminated)(?: unexpectedly)? with (?:exit )?(?:code|status)[ :=]+\[?"
        r"(?P<number>(?!0\b|143\b|130\b)\d+)|worker (?:process )?\S* ?(?:died|exited) (?:unexpectedly"
        r"|on signal)"
        r"|(?:code=killed, signal=(?!TERM|INT)\w+)"
    ),
)
#: a program that gives up in its own words, whatever they are about; PostgreSQL says so of one connection
_GIVES_UP = re.compile(
    r"(?i)(?<!\w)fatal(?! ?:  )\b|\b(?:failed to start|could not start|startup failed|giving up|aborting)\b"
    r"|level[\"']?\s*[:=]\s*[\"']?(?:critical|panic|60)\b|\[(?:critical|emerg|crit)\]|\bCRITICAL\b"
)
#: ended by a signal, which a program does not choose
_SIGNALLED = re.compile(
    r"code=(?:killed|dumped)|terminated by SIG|signal[= ]\w|status=(?:4|6|7|8|9|11)/|\b1(?:3[2-9]|59)\b"
)
#: what goes on all the same, and what is only told of
_ELSE = re.compile(
    r"(?i)panic serving|recovered from|recovering|before the exit|was sent SIGKILL|status=203/EXEC"
)
#: of one request, after which a server goes on
_REQUEST = re.compile(
    r"\"(?:path|method|url|route|uri|request_?id)\"\s*:|\b(?:path|method|url|route|uri|request_?id)="
    r"|\"status\"\s*:\s*[45]\d\d\b|\bstatus=[45]\d\d\b"
)
#: an exception's own line, which says what went wrong
_EXCEPTION = re.compile(
    r"(?:^|[\s:])(?P<error>(?:[a-zA-Z_]\w*\.)*[A-Z]\w*(?:Error|Exception|Panic)\b(?::| \[).*"
    r"|called `.+ on .*)$"
)


#: so many lines may follow, as those of a stack do
_NEAR_THE_END = 8


def judge(facts: Facts) -> Cause | RuledOut | None:
    """Its last words, or a supervisor's about it; else an endpoint that answers nothing."""
    if facts.all("pod.container"):
        # a container's state says how it ended; other signatures read it
        return None
    return _told(facts) or _silent(facts) or _gave_up(facts)


def _told(facts: Facts) -> Cause | None:
    runs = {one.item.id for one in facts.all("step.failed")}
    told = complaints(facts, *_LAST_WORDS, *_WATCHED, but=_ELSE)
    found = [one for one in told if one.item.id not in runs and not _REQUEST.search(one.text("text"))]
    if not found:
        return None
    first = found[0]
    exception = next(iter(nearby(first, _EXCEPTION, 4, 12)), None)
    frame = next(iter(nearby(first, OWN_FRAME, 0, 14)), None)
    words = exception.text("error") if exception else said(first)
    place = place_of(frame) if frame else ""
    at = f" at {place}" if place and place not in words else ""
    return claimed(
        Claim(
            kind="process-died",
            title=f"The process of {who(facts, first)} died{at}: {shortened(words, MOST_TITLE)}",
            explanation=(
                f"It ended by an error of its own{at}, so nothing answers until it is started again. "
                f"It said: {said(first)}{_watched(found)}"
            ),
            remediation=(
                look(facts, first),
                Remedy(
                    text=f"Mend {place or 'what it names'}; keep a core dump or the whole stack until then."
                ),
                history(facts),
            ),
        ),
        found,
        exception,
        frame,
        weight=_weight(found, exception),
    )


def _gave_up(facts: Facts) -> Cause | None:
    """A program's last word that calls itself fatal; nothing calm follows it."""
    runs = {one.item.id for one in facts.all("step.failed")}
    found = [one for one in complaints(facts, _GIVES_UP, but=_ELSE) if one.item.id in facts.own_log - runs]
    last = max(found, key=lambda one: one.observation.line, default=None)
    ends = facts.first("log.last_line", {last.item.id}) if last else None
    if last is None or ends is None or ends.observation.line - last.observation.line > _NEAR_THE_END:
        return None
    exception = next(iter(nearby(last, _EXCEPTION, 0, 4)), None)
    words = exception.text("error") if exception else said(last)
    return claimed(
        Claim(
            kind="process-died",
            title=f"{who(facts, last)} ended itself: {shortened(words, MOST_TITLE)}",
            explanation=f"Its log ends with what it calls fatal, and with nothing after it: {said(last)}",
            remediation=(look(facts, last), Remedy(text="Mend what it names."), history(facts)),
        ),
        [last],
        exception,
        weight=-0.1,
    )


def _weight(found: Sequence[Fact], exception: Fact | None) -> float:
    """That it exited with an ordinary code only repeats the alert; a signal or its own words tell more."""
    if exception or any(pattern.search(one.text("text")) for one in found for pattern in _LAST_WORDS):
        return 0.1
    return 0.0 if any(_SIGNALLED.search(one.text("text")) for one in found) else -0.3


def _watched(found: Sequence[Fact]) -> str:
    """How its end was noted by what watches it."""
    for one in found[1:]:
        if any(pattern.search(one.text("text")) for pattern in _WATCHED):
            return f" Its supervisor noted: {said(one)}"
    return ""


def _silent(facts: Facts) -> Cause | RuledOut | None:
    """The endpoint answers nothing: read the last words of its process."""
    down = down_fact(facts)
    last = facts.first("log.last_line", facts.own_log)
    if facts.case.scope.symptom not in _DOWN or down is None or (last is None and facts.onset is None):
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


#: an endpoint that says nothing is the whole of these alerts
_DOWN = frozenset({Symptom.DOWN, Symptom.TARGET, Symptom.UNKNOWN})


def _cause(facts: Facts, down: Fact, complaint: Fact | None, last: Fact | None) -> Cause:
    words = f": {shortened(complaint.text('error'), 120)}" if complaint else ""
    loads = facts.all("log.model_loaded", facts.own_log)
    exited = ended_badly(facts)
    how = (
        f": it was ended by signal {exited.text('signal')}"
        if exited and exited.text("signal") and not words
        else ""
    )
    onset = facts.onset
    since = f" since {stamp(onset)}" if onset else ""
    ending = (
        " Its log ends with an error." if complaint else " Its log ends without an error, as after a kill."
    )
    return Cause(
        kind="process-died",
        title=f"The process of {who(facts, last)} died{words or how}",
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
    symptoms=SYMPTOMS,
    judge=judge,
)
