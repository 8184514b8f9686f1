"""Another system answers 429: the service asks too often."""

from __future__ import annotations

import re

from triage.analysts.analysis import Cause, Remedy, RuledOut
from triage.analysts.deterministic.claims import Claim, claimed, said
from triage.analysts.deterministic.complaints import complaints
from triage.analysts.deterministic.containers import SYMPTOMS
from triage.analysts.deterministic.facts import Facts
from triage.analysts.deterministic.places import history, look, who
from triage.analysts.deterministic.pulling import PULLING
from triage.analysts.deterministic.remote import remote_in
from triage.analysts.deterministic.signature import Signature

_LINES = re.compile(
    r"(?i)\b429\b.{0,40}too many requests|too many requests|status(?:[ _]?code)?[\"'=: ]+429\b"
    r"|HTTP(?:/[\d.]+)?\"? 429\b"
    r"|rate[- ]?limit(?:ed|s|ing)?\b(?! remaining)|RateLimitError|ThrottlingException"
    r"|RESOURCE_EXHAUSTED(?!.*(?:memory|allocat))"
    r"|quota exceeded for quota metric"
)


def judge(facts: Facts) -> Cause | RuledOut | None:
    """Look for refusals because of the rate; a registry's are told by another signature."""
    found = complaints(facts, _LINES, but=PULLING)
    if not found:
        return None
    first = found[0]
    server = next((name for one in found if (name := remote_in(one.text("text")))), "")
    return claimed(
        Claim(
            kind="rate-limited",
            title=(
                f"Rate limited (429 Too Many Requests): {who(facts, first)} by {server or 'another system'}"
            ),
            explanation=(
                "The other system refuses requests because too many come in its window: more traffic, "
                "retries "
                f"without a pause, or a lowered limit. It said: {said(first)}"
            ),
            remediation=(
                look(facts, first),
                Remedy(text="Honour Retry-After and back off with jitter; find who asks more than before."),
                Remedy(text="Ask for a higher limit, or cache the answers."),
                history(facts),
            ),
        ),
        found,
        weight=0.1 if server else 0.0,
    )


SIGNATURE = Signature(
    kind="rate-limited", looks_for="refusals because of the rate (429)", symptoms=SYMPTOMS, judge=judge
)
