"""Whether the endpoint answers, and whether its process still speaks."""

from __future__ import annotations

from triage.analysts.deterministic.facts import Fact, Facts

#: a process that logs this long after the endpoint went silent is alive
_ALIVE_SECONDS = 15.0


def down_fact(facts: Facts) -> Fact | None:
    """The fact that shows the endpoint not answering the scrape."""
    up = facts.first("up")
    return up if up and up.number("after") is not None and up.amount("after") < 1 else None


def word_after_onset(facts: Facts) -> Fact | None:
    """The last line of the service's log, when it was said well after the endpoint went silent."""
    last, onset = facts.first("log.last_line", facts.own_log), facts.onset
    if last is None or last.at is None or onset is None:
        return None
    return last if (last.at - onset).total_seconds() > _ALIVE_SECONDS else None
