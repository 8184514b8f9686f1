"""The process runs, but does not answer: locked up, blocked, or silent where it used to speak."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median

from triage.analysts.analysis import Cause, Remedy, RuledOut
from triage.analysts.deterministic.calibration import BASES
from triage.analysts.deterministic.claims import Claim, claimed, said
from triage.analysts.deterministic.complaints import complaints
from triage.analysts.deterministic.containers import MOST_TITLE, SYMPTOMS
from triage.analysts.deterministic.context import nearby
from triage.analysts.deterministic.facts import Fact, Facts, cited
from triage.analysts.deterministic.frames import OWN_FRAME, place_of
from triage.analysts.deterministic.places import look, who
from triage.analysts.deterministic.reachability import down_fact, word_after_onset
from triage.analysts.deterministic.signature import ANALYST, Signature, confidence
from triage.analysts.deterministic.wording import shortened
from triage.clock import stamp
from triage.commands import see_status
from triage.evidence.log_record import understand

#: how runtimes and supervisors say it, the most telling first
_WAYS: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "deadlock",
        re.compile(
            r"(?i)found (?:one|an?|\d+) (?:[\w-]+[- ])?deadlocks?\b|all goroutines are asleep"
            r"|\b(?:potential|possible) deadlock\b|\b(?:is|are|were|was) deadlocked\b"
            r"|deadlock detected.{0,40}\b(?:thread|mutex|goroutine)"
        ),
    ),
    (
        "event loop blocked",
        re.compile(
            r"(?i)event[- ]?loop\b.{0,60}\b(?:blocked|blocking|stalled|stuck|unresponsive)"
            r"|\bblocked the event[- ]?loop\b|eventloop-thread\S* has been blocked for"
        ),
    ),
    (
        "blocked threads",
        re.compile(
            r"(?i)\bthreads?\b.{0,80}\b(?:has been active for .{0,200}may be stuck|seems? (?:to be )?stuck"
            r"|has been (?:blocked|stuck))|task \S+ blocked for more than \d+ seconds|soft lockup - CPU"
            r"|thread ?pool starvation|Executing <Task .{0,200}took (?:[5-9]|\d\d+)\.\d+ seconds"
            r"|goroutine \d+ \[(?:semacquire|sync\.\w+\.\w+|chan (?:send|receive)|select), [1-9]\d* minutes\]"
            r"|sync\.\(\*(?:RW)?Mutex\)\.(?:lockSlow|Lock|RLock)|\bstate: BLOCKED \(on object monitor\)"
        ),
    ),
    (
        "watchdog timeout",
        re.compile(
            r"WORKER TIMEOUT|HARAKIRI ON WORKER|(?i:watchdog (?:timeout|timed out|expired)"
            r"|failed with result 'watchdog'|(?:process|worker|server|service)\b.{0,40}\b(?:is|are|became) "
            r"(?:hung|unresponsive|not responding)|appears to (?:be hung|have hung)|no heartbeat from worker"
            r"|health ?check exceeded timeout)"
        ),
    ),
)
#: databases call a lock between transactions so, which is another cause
_ELSE = re.compile(
    r"(?i)transaction|relation|tuple|InnoDB|SQLSTATE|postgres|mysql|\bquery\b|deadlock found when"
)
#: a thread of a dump by Python's faulthandler; the line below it is where it stands
_THREAD = re.compile(r"^(?:Current )?[Tt]hread 0x[0-9a-f]+.* \(most recent call first\):")
#: idle threads stand in a library; so many at one line of the program's own wait for each other there
_MANY = 2
#: a log that has said nothing for so long, and for so many times its usual pause, has fallen silent
_SILENT, _PAUSES = timedelta(minutes=3), 10
#: fewer lines with a time don't tell what is usual
_FEWEST = 3


def judge(facts: Facts) -> Cause | RuledOut | None:
    """What a runtime says of itself; else a log that goes on, or one that fell silent while all is up."""
    return _told(facts) or _stacked(facts) or _unanswered(facts) or _silent(facts)


def _told(facts: Facts) -> Cause | None:
    found = complaints(facts, *(pattern for _, pattern in _WAYS), but=_ELSE)
    if not found:
        return None
    first = found[0]
    way = next(name for name, pattern in _WAYS if pattern.search(first.text("text")))
    frame = next(iter(nearby(first, OWN_FRAME, 12, 14)), None)
    at = f" at {place_of(frame)}" if frame else ""
    return claimed(
        Claim(
            kind="hung",
            title=f"{who(facts, first)} hangs ({way}{at}): {shortened(said(first), MOST_TITLE)}",
            explanation=(
                f"The process runs but does not get on with its work ({way}{at}), so requests wait until "
                f"they "
                f"time out. It said: {said(first)}"
            ),
            remediation=(
                look(facts, first),
                Remedy(text="Dump its threads before restarting it (jstack, py-spy dump, SIGQUIT for Go)."),
                Remedy(
                    text="Restart it to serve again; then mend what it waits for, with a limit on the wait."
                ),
            ),
        ),
        found,
        frame,
    )


def _stacked(facts: Facts) -> Cause | None:
    """A dump of the threads in which several stand at the same line of the program's own."""
    tops = [frame for one in facts.lines(_THREAD) for frame in nearby(one, OWN_FRAME, 0, 1)]
    places = Counter(place_of(frame) for frame in tops)
    place, count = next(iter(places.most_common(1)), ("", 0))
    if count < _MANY:
        return None
    standing = sorted(tops, key=lambda frame: -places[place_of(frame)])
    others = ", ".join(other for other in places if other != place)
    return Cause(
        kind="hung",
        title=f"{who(facts, tops[0])} hangs: its threads wait at {place}" + (f", {others}" if others else ""),
        explanation=(
            f"In the dump of its threads several stand at {place}"
            + (f", others at {others}" if others else "")
            + ": they wait for a lock or an answer that does not come; a deadlock if for each other."
        ),
        confidence=confidence(BASES["hung"], (down_fact(facts) is not None, 0.1), (bool(others), 0.05)),
        remediation=(
            Remedy(text=f"See which locks are taken at {place}, and take them in one order everywhere."),
            look(facts, tops[0]),
            Remedy(text="Restart it to serve again."),
        ),
        citations=cited(*standing[:5]),
        found_by=ANALYST,
    )


def _unanswered(facts: Facts) -> Cause | RuledOut | None:
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
        title=f"{who(facts, None)} runs but does not answer",
        explanation=f"The endpoint went silent at {stamp(onset)}, yet its log goes on after that.",
        confidence=confidence(0.5),
        remediation=(Remedy(text="See its health and port.", command=see_status(facts.case.scope)),),
        citations=(down.cite(), speaks.cite()),
        found_by=ANALYST,
    )


def _silent(facts: Facts) -> Cause | None:
    """It is up, and its log stopped in the middle of its work well before the alert."""
    up = next((one for one in facts.all("up") if one.amount("after") >= 1), None)
    last = facts.first("log.last_line", facts.own_log)
    if up is None or last is None or last.at is None or facts.all("log.errors", {last.item.id}):
        return None
    pause, silent = _usual_pause(last), facts.began - last.at
    if pause is None or silent < max(_SILENT, _PAUSES * pause):
        return None
    return Cause(
        kind="hung",
        title=f"{who(facts, last)} hangs: it is up, but has said nothing since {stamp(last.at)}",
        explanation=(
            f"Its scrape is answered, yet its log, which had a line every {pause.total_seconds():.0f} s, "
            f"ends "
            f"without an error {silent.total_seconds() / 60:.0f} min before the alert: it waits for "
            f"something."
        ),
        confidence=confidence(0.5),
        remediation=(
            Remedy(text="Take a dump of its threads before restarting it."),
            look(facts, last),
        ),
        citations=cited(last, up),
        found_by=ANALYST,
    )


def _usual_pause(last: Fact) -> timedelta | None:
    """The median pause between the lines of a log."""
    moments = _moments([line.text for line in last.item.lines])
    if len(moments) < _FEWEST:
        return None
    pauses = [(after - before).total_seconds() for before, after in pairwise(moments)]
    return timedelta(seconds=max(1.0, median(pauses)))


def _moments(texts: Sequence[str]) -> Sequence[datetime]:
    return sorted(moment for text in texts if (moment := understand(text).at))


SIGNATURE = Signature(
    kind="hung",
    looks_for="a process that runs but does not answer",
    symptoms=SYMPTOMS,
    judge=judge,
)
