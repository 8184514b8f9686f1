"""The API server refuses it: by RBAC, by an admission policy or by pod security."""

from __future__ import annotations

import re

from triage.analysts.analysis import Cause, Remedy, RuledOut
from triage.analysts.deterministic.claims import Claim, claimed, said
from triage.analysts.deterministic.complaints import complaints
from triage.analysts.deterministic.containers import SYMPTOMS
from triage.analysts.deterministic.facts import Fact, Facts
from triage.analysts.deterministic.places import history, look, namespace_of, who
from triage.analysts.deterministic.pulling import PULLING
from triage.analysts.deterministic.signature import Signature

_RBAC = re.compile(
    r"(?i)forbidden: User \\?\"(?P<user>[^\"\\]+)\\?\" "
    r"cannot (?P<verb>\w+) resource \\?\"(?P<resource>[^\"\\]+)\\?\""
    r"(?: in API group \\?\"(?P<group>[^\"\\]*)\\?\")?(?:.*in the namespace \\?\"(?P<namespace>[^\"\\]+))?"
)
_LINES = (
    re.compile(
        r"(?i)is forbidden: (?P<policy>violates PodSecurity(?: \\?\"[\w.:-]+\\?\")?"
        r"|unable to validate against any)"
    ),
    re.compile(r"(?i)admission webhook \\?\"(?P<policy>[^\"\\]+)\\?\" denied the request"),
)
_ELSE = re.compile(
    rf"{PULLING.pattern}|exceeded quota|(?:access denied|authentication failed) for user|publickey|rate limit"
)


def judge(facts: Facts) -> Cause | RuledOut | None:
    """Look for what was refused, to whom."""
    found = complaints(facts, _RBAC, *_LINES, but=_ELSE)
    if not found:
        return None
    first = found[0]
    return claimed(
        Claim(
            kind="forbidden",
            title=_title(facts, first),
            explanation=(
                (
                    "The API server refuses the object by its admission, so it is not made."
                    if first.text("policy")
                    else "The account lacks a right, so what needs it fails."
                )
                + f" It said: {said(first)}"
            ),
            remediation=_remedies(facts, first),
        ),
        found,
        weight=0.15 if first.text("user") or first.text("policy") else 0.0,
    )


def _title(facts: Facts, first: Fact) -> str:
    if user := first.text("user"):
        where = f" in namespace {first.text('namespace')}" if first.text("namespace") else ""
        return f"RBAC: {user} is forbidden to {first.text('verb')} {first.text('resource')}{where}"
    if policy := first.text("policy"):
        return f"Admission refuses what {who(facts, first)} needs: {policy}".replace("\\", "")
    return f"Forbidden: {who(facts, first)} lacks the right"


def _remedies(facts: Facts, first: Fact) -> tuple[Remedy, ...]:
    if user := first.text("user"):
        namespace = first.text("namespace")
        group = f".{first.text('group')}" if first.text("group") else ""
        where = f" -n {namespace}" if namespace else ""
        ask = f"kubectl auth can-i {first.text('verb')} {first.text('resource')}{group} --as={user}{where}"
        return (
            Remedy(text="Ask whether the account has the right.", command=ask),
            Remedy(text="Add the rule to its Role in git, no wider than needed, and push."),
            history(facts),
        )
    return (
        Remedy(
            text="See what was refused, and why.",
            command=f"kubectl -n {namespace_of(facts, first)} get events --field-selector type=Warning",
        )
        if facts.is_in_cluster
        else look(facts, first),
        Remedy(text="Make the object fit the policy in git (securityContext, labels), and push."),
        history(facts),
    )


SIGNATURE = Signature(
    kind="forbidden",
    looks_for="what RBAC or an admission policy forbids",
    symptoms=SYMPTOMS,
    judge=judge,
)
