"""A runtime stops the program to collect garbage, for longer than requests may take."""

from __future__ import annotations

import re

from triage.analysts.analysis import Cause, Remedy, RuledOut
from triage.analysts.deterministic.calibration import BASES
from triage.analysts.deterministic.containers import SYMPTOMS
from triage.analysts.deterministic.facts import Fact, Facts, cited
from triage.analysts.deterministic.places import history, look, who
from triage.analysts.deterministic.signature import ANALYST, Signature, confidence

#: the JVM's unified and older logs, V8's trace, .NET and others in words
_PAUSE = re.compile(
    r"(?i)(?:Pause (?P<full>Full)|\[(?P<old>Full) GC|Mark-(?:sweep|compact)|\bgc\b.{0,40}\b(?:pause|took"
    r"|stopped))"
    r".*?(?P<amount>\d+(?:\.\d+)?)\s?(?P<unit>ms|s\b|secs?\b)(?!.*\d\s?(?:ms|s\b|secs?\b))"
)
#: seconds; a shorter stop is no trouble
_LONG = 0.5


def judge(facts: Facts) -> Cause | RuledOut | None:
    """Look for long stops, and more than one."""
    long = [one for one in facts.lines(_PAUSE) if _seconds(one) >= _LONG]
    if len(long) < 2:
        return None
    worst = max(long, key=_seconds)
    full = any(one.text("full") or one.text("old") for one in long)
    return Cause(
        kind="gc-pause",
        title=f"GC pauses: {who(facts, worst)} stops for up to {_seconds(worst):.1f} s to collect garbage"
        + (" (Pause Full: its heap is full)" if full else ""),
        explanation=(
            f"{len(long)} pauses of more than {_LONG:g} s, the longest {_seconds(worst):.1f} s: no request "
            f"is "
            f"answered meanwhile. The heap is nearly full, by a leak, larger inputs or a heap that is too "
            f"small. "
            f"It said: {worst.text('text')[:200]}"
        ),
        confidence=confidence(BASES["gc-pause"], (full, 0.1), (len(long) > 2, 0.05)),
        remediation=(
            look(facts, worst),
            Remedy(
                text="Compare the heap after each full collection: if it does not shrink, take a heap dump."
            ),
            history(facts),
        ),
        citations=cited(worst, *long[:3]),
        found_by=ANALYST,
    )


def _seconds(fact: Fact) -> float:
    amount = float(fact.text("amount"))
    return amount / 1000 if fact.text("unit") == "ms" else amount


SIGNATURE = Signature(
    kind="gc-pause", looks_for="long pauses for garbage collection", symptoms=SYMPTOMS, judge=judge
)
