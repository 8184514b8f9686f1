"""What is sent to the model is not what it was trained on: a column, a type or a shape differs."""

from __future__ import annotations

import re

from triage.analysts.analysis import Cause, Remedy, RuledOut
from triage.analysts.deterministic.claims import Claim, claimed, said
from triage.analysts.deterministic.complaints import complaints
from triage.analysts.deterministic.containers import MOST_TITLE, SYMPTOMS
from triage.analysts.deterministic.error_sides import CLIENT, error_side
from triage.analysts.deterministic.facts import Facts
from triage.analysts.deterministic.places import history, look, who
from triage.analysts.deterministic.signature import Signature
from triage.analysts.deterministic.wording import shortened

_LINES = re.compile(
    r"(?i)feature names (?:should match|mismatch|unseen)|feature_names mismatch|unexpected (?:shape"
    r"|data ?type)"
    r"|unexpected inference input|has \d+ features?, but .{0,60}expecting \d+|expected \d+ features"
    r"|input .{0,30}contains (?:NaN|infinity)|could not convert string to float|invalid feed input name"
    r"|(?:missing|required) (?:feature|input|column)s?\b.{0,30}(?:for|in|:) |columns are missing"
    r"|got invalid dimensions for input|incompatible shapes?:|size mismatch for"
)


def judge(facts: Facts) -> Cause | RuledOut | None:
    """Look for a model's complaint about its input; what is refused with a 4xx is the caller's own affair."""
    found = complaints(facts, _LINES)
    if not found or error_side(facts, CLIENT).weight() > (0.0, 0.0):
        return None
    first = found[0]
    return claimed(
        Claim(
            kind="input-schema",
            title=f"Input schema mismatch: {who(facts, first)} gets other inputs than its model expects: "
            f"{shortened(said(first), MOST_TITLE)}",
            explanation=(
                "Names, types or shapes of the inputs differ from those of training: a caller, a feature "
                f"pipeline or the model changed without the other. It said: {said(first)}"
            ),
            remediation=(
                look(facts, first),
                Remedy(
                    text="Compare the request's fields with the model's signature, and see which changed."
                ),
                history(facts),
            ),
        ),
        found,
    )


SIGNATURE = Signature(
    kind="input-schema",
    looks_for="inputs that the model does not expect",
    symptoms=SYMPTOMS,
    judge=judge,
)
