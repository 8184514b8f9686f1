"""A secret was committed."""

from __future__ import annotations

from collections.abc import Sequence

from triage.analysts.analysis import Cause, Remedy
from triage.analysts.deterministic.facts import Fact, Facts, cited
from triage.analysts.deterministic.signature import ANALYST, Signature, confidence
from triage.analysts.deterministic.signatures.pipelines.failure import (
    SYMPTOMS,
    counts,
    findings,
    named,
    place,
    step_of,
)

_MOST_CITED = 4
#: part of the rule's name -> whose the secret is, and what it opens
_OPENS = (
    ("aws", "AWS", "data and models in buckets, and machines on your bill"),
    ("gcp", "Google Cloud", "data and models in buckets, and machines on your bill"),
    ("azure", "Azure", "data and models in storage, and machines on your bill"),
    ("github", "GitHub", "the repositories, and by a pushed commit what is trained and deployed"),
    ("gitlab", "GitLab", "the repositories, and by a pushed commit what is trained and deployed"),
    ("slack", "Slack", "the channels that reports are posted to"),
    ("huggingface", "Hugging Face", "models and data sets under your name"),
    ("openai", "OpenAI", "calls on your bill, and what was sent with them"),
)


def judge(facts: Facts) -> Cause | None:
    """Name the rule, the file and the commit; never the secret."""
    found = findings(facts, {"secret"})
    total = next((one for one in facts.all("leaks.summary") if counts(facts, one)), None)
    first = found[0] if found else total
    if first is None:
        return None
    step = step_of(facts, first)
    return Cause(
        kind="leaked-secret",
        title=_title(found, total),
        explanation=_explained(found),
        confidence=confidence(0.7, (bool(found), 0.17), (step is not None, 0.07)),
        remediation=_remedies(found),
        citations=cited(*found[:_MOST_CITED], total, step),
        found_by=ANALYST,
    )


def _title(found: Sequence[Fact], total: Fact | None) -> str:
    if not found:
        count = total.amount("count") if total else 1.0
        return f"A secret was committed: Gitleaks found {count:.0f} leaks"
    rules = named(one.text("rule") for one in found)
    places = named(place(one) for one in found)
    return f"A secret was committed: {rules} in {places} ({found[0].text('tool').capitalize()})"


def _explained(found: Sequence[Fact]) -> str:
    rules = " ".join(one.text("rule").lower() for one in found)
    owned = [f"with {whose} it opens {what}" for part, whose, what in _OPENS if part in rules]
    risk = f"Risk: {'; '.join(owned)}. " if owned else ""
    commits = named(one.text("commit")[:12] for one in found)
    where = f" It is in commit {commits}." if commits else ""
    doubt = (
        "False positive? Plausible for the rule generic-api-key, which goes by entropy: read the line first."
        if rules and all("generic" in one.text("rule") for one in found)
        else "False positive? Only if the value is an example that never opened anything."
    )
    return (
        f"Whoever can read the repository or one of its clones can use it, also after a later commit removes "
        f"it, since git keeps history.{where} {risk}{doubt}"
    )


def _remedies(found: Sequence[Fact]) -> tuple[Remedy, ...]:
    places = named(place(one) for one in found)
    where = f" from {places}" if places else ""
    fingerprints = [
        f"{one.text('commit')}:{one.text('file')}:{one.text('rule')}:{one.amount('line'):.0f}"
        for one in found
        if one.text("commit") and one.number("line")
    ]
    return (
        Remedy(text="Revoke and rotate the secret at its issuer first: it counts as known."),
        Remedy(text=f"Remove it{where} and read it from a Secret or the environment instead."),
        Remedy(
            text="See every place in the history; the values stay hidden.",
            command="gitleaks git --redact --verbose .",
        ),
        *(
            (Remedy(text=f"Only if it is a false positive, add {fingerprints[0]} to .gitleaksignore."),)
            if fingerprints
            else ()
        ),
    )


SIGNATURE = Signature(
    kind="leaked-secret", looks_for="a secret that was committed", symptoms=SYMPTOMS, judge=judge
)
