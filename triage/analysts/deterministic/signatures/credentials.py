"""Another system refuses the service's credentials: wrong, rotated or expired."""

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

_USER = re.compile(
    r"(?i)(?:authentication failed|access denied|login failed) for (?:user|role) \\?[\"'](?P<user>[^\"'\\]+)"
)
_LINES = re.compile(
    r"(?i)\bWRONGPASS\b|\bNOAUTH\b|invalid (?:username|credentials|password|api key|access key|client secret)"
    r"|authentication (?:failed|required|error)|\b401 (?:Client Error: )?Unauthorized"
    r"|status(?:[ _]?code)?[\"'=: ]+401\b"
    r"|(?:token|credentials?|api key) (?:has |have |is |are )?expired|ExpiredToken|InvalidAccessKeyId"
    r"|SignatureDoesNotMatch"
    r"|SASL authentication|no password supplied"
)


def judge(facts: Facts) -> Cause | RuledOut | None:
    """Look for refused credentials; a registry's are told by another signature."""
    found = complaints(facts, _USER, _LINES, but=PULLING)
    if not found:
        return None
    first = found[0]
    user = first.text("user")
    server = next((name for one in found if (name := remote_in(one.text("text")))), "")
    by = f" by {server}" if server else ""
    return claimed(
        Claim(
            kind="credentials",
            title=f"Authentication failed: the credentials of {who(facts, first)}"
            + (f" (user {user})" if user else "")
            + f" are refused{by}",
            explanation=(
                "The other system answers, but refuses the user, password or token: wrong, rotated on one "
                "side only, "
                f"or expired. It said: {said(first)}"
            ),
            remediation=(
                look(facts, first),
                Remedy(text="See when the Secret was changed last on either side; rotate both together."),
                history(facts),
            ),
        ),
        found,
        weight=0.1 if user else 0.0,
    )


SIGNATURE = Signature(
    kind="credentials", looks_for="credentials that are refused", symptoms=SYMPTOMS, judge=judge
)
