"""A namespace's ResourceQuota or LimitRange refuses new pods or claims."""

from __future__ import annotations

import re

from triage.analysts.analysis import Cause, Remedy, RuledOut
from triage.analysts.deterministic.claims import Claim, claimed, said
from triage.analysts.deterministic.complaints import complaints
from triage.analysts.deterministic.containers import SYMPTOMS
from triage.analysts.deterministic.facts import Facts
from triage.analysts.deterministic.places import history, namespace_of, who
from triage.analysts.deterministic.signature import Signature

_LINES = (
    re.compile(
        r"(?i)exceeded quota: (?P<quota>[\w.-]+)"
        r"(?:, requested: (?P<requested>.+?), used: (?P<used>.+?), limited: (?P<limited>[\w.,=/-]+))?"
    ),
    re.compile(r"(?i)failed quota: (?P<quota>[\w.-]+): must specify (?P<lacking>[\w.,-]+)"),
    re.compile(
        r"(?i)(?:maximum|minimum) (?P<lacking>\w+) usage per (?:Container|Pod) is (?P<limited>[\w.]+)"
    ),
)


def judge(facts: Facts) -> Cause | RuledOut | None:
    """Look for what the API server refused because of a quota."""
    found = complaints(facts, *_LINES)
    if not found:
        return None
    first = found[0]
    quota, namespace = first.text("quota") or "the limit range", namespace_of(facts, first)
    asked = ""
    if first.text("requested"):
        requested, used, limited = (first.text(one) for one in ("requested", "used", "limited"))
        asked = f": requested {requested}, used {used}, limited {limited}"
    elif first.text("lacking"):
        asked = f": {first.text('lacking')} must be given, within its bounds"
    return claimed(
        Claim(
            kind="quota",
            title=f"Quota exceeded: ResourceQuota {quota} refuses pods of {who(facts, None)}{asked}",
            explanation=f"The API server refuses to create the object. It said: {said(first)}",
            remediation=(
                Remedy(
                    text="See what is used and what is allowed.",
                    command=f"kubectl -n {namespace} describe resourcequota,limitrange",
                ),
                Remedy(text="Ask for less, free what is not needed, or raise the quota in git."),
                history(facts),
            ),
        ),
        found,
    )


SIGNATURE = Signature(
    kind="quota",
    looks_for="a resource quota that is exceeded",
    symptoms=SYMPTOMS,
    judge=judge,
    needs_cluster=True,
)
