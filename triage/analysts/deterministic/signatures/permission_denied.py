"""A program is refused a file, an object of a database or a request: it lacks the right."""

from __future__ import annotations

import re

from triage.analysts.analysis import Cause, Remedy, RuledOut
from triage.analysts.deterministic.claims import Claim, claimed, said
from triage.analysts.deterministic.complaints import complaints
from triage.analysts.deterministic.containers import SYMPTOMS
from triage.analysts.deterministic.facts import Fact, Facts
from triage.analysts.deterministic.places import history, look, who
from triage.analysts.deterministic.pulling import PULLING
from triage.analysts.deterministic.signature import Signature

_LINES = (
    re.compile(r"(?i)permission denied for (?:table|schema|database|relation|sequence) (?P<object>[\w.\"]+)"),
    re.compile(r"(?i)permission denied.*?(?P<object>/[\w./-]+)"),
    re.compile(r"(?i)(?:read-only file system|EROFS)(?:.*?(?P<object>/[\w./-]+))?"),
    re.compile(r"(?i)(?P<object>/[\w./-]+)'?\"?:? permission denied"),
    re.compile(
        r"(?i)permission denied|\bEACCES\b|PermissionError|operation not permitted|access ?denied\b"
        r"|not authorized to perform"
        r"|\b403 Forbidden\b|status(?:[ _]?code)?[\"'=: ]+403\b|insufficient (?:permissions|privileges|scope)"
    ),
)
_ELSE = re.compile(
    rf"{PULLING.pattern}|exceeded quota|is forbidden: |denied the request"
    r"|(?:access denied|authentication failed) for user|publickey|rate limit"
)


def judge(facts: Facts) -> Cause | RuledOut | None:
    """Look for what was refused, to whom."""
    found = complaints(facts, *_LINES, but=_ELSE)
    if not found:
        return None
    first = found[0]
    return claimed(
        Claim(
            kind="permission-denied",
            title=_title(facts, first),
            explanation=(
                (
                    "It writes to a file system that is mounted read-only for it, so the write fails."
                    if _is_read_only(first)
                    else "It lacks the right to what it asks for, so that fails."
                )
                + f" It said: {said(first)}"
            ),
            remediation=_remedies(facts, first),
        ),
        found,
        weight=0.05 if first.text("object") else 0.0,
    )


def _title(facts: Facts, first: Fact) -> str:
    on = f" for {first.text('object')}" if first.text("object") else ""
    what = "Read-only file system" if _is_read_only(first) else "Permission denied"
    return f"{what}{on}: {who(facts, first)} may not do what it tries"


def _is_read_only(first: Fact) -> bool:
    return re.search(r"(?i)read-only file system|\bEROFS\b", first.text("text")) is not None


def _remedies(facts: Facts, first: Fact) -> tuple[Remedy, ...]:
    return (
        look(facts, first),
        Remedy(
            text="Compare the user, group and mode that it runs with (securityContext: runAsUser, fsGroup, "
            "readOnlyRootFilesystem) with the file's; mount a writable volume where it has to write."
        ),
        history(facts),
    )


SIGNATURE = Signature(
    kind="permission-denied",
    looks_for="a file, database object or request that is refused",
    symptoms=SYMPTOMS,
    judge=judge,
)
