"""A pool of connections, threads or workers is used up: requests wait for a free one."""

from __future__ import annotations

import re

from triage.analysts.analysis import Cause, Remedy, RuledOut
from triage.analysts.deterministic.claims import Claim, claimed, said
from triage.analysts.deterministic.complaints import complaints
from triage.analysts.deterministic.containers import SYMPTOMS
from triage.analysts.deterministic.facts import Facts
from triage.analysts.deterministic.places import history, look, who
from triage.analysts.deterministic.remote import remote_in
from triage.analysts.deterministic.signature import Signature

_LINES = (
    re.compile(r"(?i)QueuePool limit of size (?P<size>\d+)"),
    re.compile(
        r"(?i)(?:pool|executor|threads?|workers?|connections?)\b.{0,60}\bexhausted"
        r"|exhausted\b.{0,40}\b(?:pool|threads|workers|connections)"
    ),
    re.compile(
        r"(?i)too many (?:clients|connections)|remaining connection slots"
        r"|max(?:imum)? (?:number of )?(?:client )?connections? (?:reached|exceeded)"
    ),
    re.compile(
        r"(?i)(?:connection is not available|tim\w+ out|timeout|waiting"
        r"|unable)\b.{0,80}\b(?:from (?:the )?pool|for (?:a )?(?:free )?(?:connection|worker|thread)"
        r"|acquir\w+)(?! while in state)"
    ),
    re.compile(r"(?i)HikariPool-\d+ - Connection is not available"),
    re.compile(
        r"(?i)can't start new thread|unable to create (?:new )?native thread|RejectedExecutionException"
        r"|worker_connections are not enough"
    ),
    re.compile(
        r"(?i)(?:thread|worker|task|request) ?(?:pool|queue)\b.{0,40}\b(?:is )?(?:full|saturated"
        r"|at capacity)|no (?:idle|free|available) (?:workers|threads|connections)"
    ),
    re.compile(
        r"(?i)pool (?:timed out|timeout)|PoolTimeout|reached its maximum (?:pool )?size"
        r"|server reached pm\.max_children|all \d+ (?:workers|threads|connections) (?:are )?(?:busy|in use)"
    ),
)


def judge(facts: Facts) -> Cause | RuledOut | None:
    """Look for waiting that ends in nothing."""
    found = complaints(facts, *_LINES)
    if not found:
        return None
    first = found[0]
    size = f" of {first.text('size')}" if first.text("size") else ""
    server = next((name for one in found if (name := remote_in(one.text("text")))), "")
    to = f" to {server}" if server else ""
    return claimed(
        Claim(
            kind="pool-exhausted",
            title=f"Pool exhausted: {who(facts, first)} has no free connection or worker left"
            f" (pool{size}{to})",
            explanation=(
                "All are in use and requests wait until they time out: the pool is too small, connections "
                "leak, or "
                f"what they wait for became slow. It said: {said(first)}"
            ),
            remediation=(
                look(facts, first),
                Remedy(
                    text=(
                        "See what the busy ones do: slow queries, transactions left open, connections not "
                        "given back."
                    )
                ),
                Remedy(text="Only then raise the pool's size, within what the other side allows."),
                history(facts),
            ),
        ),
        found,
    )


SIGNATURE = Signature(
    kind="pool-exhausted",
    looks_for="a pool of connections or threads that is used up",
    symptoms=SYMPTOMS,
    judge=judge,
)
