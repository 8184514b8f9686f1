"""A program ran out of memory by its own account, without a kill by the kernel."""

from __future__ import annotations

import re

from triage.analysts.analysis import Cause, Remedy, RuledOut
from triage.analysts.deterministic.claims import Claim, claimed, said
from triage.analysts.deterministic.complaints import complaints
from triage.analysts.deterministic.containers import SYMPTOMS
from triage.analysts.deterministic.facts import Facts
from triage.analysts.deterministic.places import history, look, who
from triage.analysts.deterministic.signature import Signature

_LINES = re.compile(
    r"java\.lang\.OutOfMemoryError|\bMemoryError\b|(?i:cuda (?:error: )?out of memory|std::bad_alloc"
    r"|javascript heap out of memory|cannot allocate memory|unable to allocate [\d.]+ [kmgt]i?b|\bENOMEM\b"
    r"|\bout of memory (?:while|when|trying|error|in)\b|(?:failed|unable) to allocate (?:memory|\d+ bytes)"
    r"|heap limit allocation failed)"
)


def judge(facts: Facts) -> Cause | RuledOut | None:
    """Look for an allocation that failed inside the program."""
    found = complaints(facts, _LINES)
    if not found:
        return None
    return claimed(
        Claim(
            kind="out-of-memory",
            title=f"Out of memory: {who(facts, found[0])} can't allocate any more",
            explanation=f"An allocation failed inside the program. It said: {said(found[0])}",
            remediation=(
                look(facts, found[0]),
                Remedy(
                    text=(
                        "Compare its use with its limit and its heap's size; look for larger inputs or a "
                        "leak."
                    )
                ),
                history(facts),
            ),
        ),
        found,
    )


SIGNATURE = Signature(
    kind="out-of-memory", looks_for="an allocation that failed", symptoms=SYMPTOMS, judge=judge
)
