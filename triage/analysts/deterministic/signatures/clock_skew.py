"""Two machines disagree about the time, so one refuses what the other signed or dated."""

from __future__ import annotations

import re

from triage.analysts.analysis import Cause, Remedy, RuledOut
from triage.analysts.deterministic.claims import Claim, claimed, said
from triage.analysts.deterministic.complaints import complaints
from triage.analysts.deterministic.containers import SYMPTOMS
from triage.analysts.deterministic.facts import Facts
from triage.analysts.deterministic.places import look, who
from triage.analysts.deterministic.signature import Signature

_LINES = (
    re.compile(
        r"(?i)RequestTimeTooSkewed|KRB_AP_ERR_SKEW|clock skew (?:too great|detected|exceeds|is)"
        r"|token (?:is )?(?:used before issued|not yet valid|issued in the future)"
        r"|\biat\b.{0,40}\bin the future"
        r"|difference between the request time and the (?:current|server) time"
        r"|clock difference .{0,80}too high|(?:local )?clock (?:has )?(?:jumped|drifted|is (?:ahead|behind"
        r"|off))"
        r"|signature (?:has )?(?:expired|not yet current): \d{8}T\d{6}Z"
    ),
    re.compile(
        r"(?i)system clock synchronized: no|NTP not synchroni[sz]ed|leap status\s*: not synchroni[sz]ed"
    ),
)


def judge(facts: Facts) -> Cause | RuledOut | None:
    """Look for a refusal because of the time, and for a clock that nobody sets."""
    found = complaints(facts, *_LINES)
    refused = [one for one in found if _LINES[0].search(one.text("text"))]
    if not refused:
        return None
    first = refused[0]
    return claimed(
        Claim(
            kind="clock-skew",
            title=f"Clock skew: {who(facts, first)} and the other side disagree: {said(first)[:140]}",
            explanation=(
                "What is signed or dated on one machine is refused on the other, since their clocks differ "
                "by "
                f"more than is allowed. It said: {said(first)}"
            ),
            remediation=(
                Remedy(text="Compare the clocks on both hosts.", command="timedatectl; chronyc tracking"),
                Remedy(text="Start time synchronisation (chronyd, systemd-timesyncd) where it does not run."),
                look(facts, first),
            ),
        ),
        found,
        weight=0.1,
    )


SIGNATURE = Signature(kind="clock-skew", looks_for="clocks that differ", symptoms=SYMPTOMS, judge=judge)
