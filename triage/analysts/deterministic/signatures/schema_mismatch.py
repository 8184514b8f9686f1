"""The program and its database or messages disagree about the schema: a migration is missing or failed."""

from __future__ import annotations

import re

from triage.analysts.analysis import Cause, Remedy, RuledOut
from triage.analysts.deterministic.claims import Claim, claimed, said
from triage.analysts.deterministic.complaints import complaints
from triage.analysts.deterministic.containers import MOST_TITLE, SYMPTOMS
from triage.analysts.deterministic.context import nearby
from triage.analysts.deterministic.facts import Facts
from triage.analysts.deterministic.places import history, look, who
from triage.analysts.deterministic.signature import Signature
from triage.analysts.deterministic.wording import shortened

_NAME = r"[`\\\"']*(?P<object>[\w.$]+(?:\" of relation \\?\"\w+)?)[`\\\"']*"
_LINES = (
    re.compile(rf"(?i)\b(?:column|relation|table) {_NAME} (?:does not exist|doesn't exist|already exists)"),
    re.compile(
        rf"(?i)\bunknown column {_NAME}|no such (?:column|table):? {_NAME.replace('object', 'other')}"
    ),
    re.compile(
        r"(?i)flyway\w*Exception: (?P<object>.+)|Migrations? (?P<other>[\w.]+) failed|dirty database version"
        r"|can't locate revision|target database is not up to date|unapplied migrations?|pending migrations?"
        r"|Schema-validation: (?:missing|wrong)|schema being registered is incompatible"
        r"|UndefinedColumn|UndefinedTable|ORA-00904|ORA-00942|invalid (?:column|object) name"
    ),
)
#: the file or the object that a migration's error is about
_DETAIL = re.compile(r"(?P<detail>\bV\d[\w.]*\.sql\b|(?:column|relation|table) \S+.*(?:exists?)\b)")


def judge(facts: Facts) -> Cause | RuledOut | None:
    """Look for a table or column that is not what the program expects."""
    found = complaints(facts, *_LINES)
    if not found:
        return None
    first = found[0]
    name = first.text("object") or first.text("other")
    details = nearby(first, _DETAIL, 4, 4)
    return claimed(
        Claim(
            kind="schema-mismatch",
            title=f"Schema mismatch{f' ({name})' if name else ''}: {who(facts, first)} and its database "
            f"disagree: {shortened(said(first), MOST_TITLE)}",
            explanation=(
                "The program's version and the schema do not belong together: a migration was not run, "
                "failed "
                f"half way, or belongs to another version. It said: {said(first)}"
                + "".join(f" {one.text('detail')}." for one in details[:1])
            ),
            remediation=(
                look(facts, first),
                Remedy(text="Compare the applied migrations with those of the version that runs."),
                Remedy(text="Run or mend the migration, or roll the program back to the version that fits."),
                history(facts),
            ),
        ),
        found,
        *details[:1],
        weight=0.1,
    )


SIGNATURE = Signature(
    kind="schema-mismatch",
    looks_for="a schema that the program does not expect",
    symptoms=SYMPTOMS,
    judge=judge,
)
