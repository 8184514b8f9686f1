"""A database refuses or delays writes because another transaction holds its lock."""

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
    r"(?i)database (?:table )?is locked|\bSQLITE_(?:BUSY|LOCKED)\b|deadlock (?:detected|found)"
    r"|lock wait timeout"
    r"|could not obtain lock|lock timeout|due to lock|LockNotAvailable|still waiting for \w+Lock"
)
_FILE = re.compile(r"(?P<file>/?[\w./-]+\.(?:db|sqlite3?))\b")


def judge(facts: Facts) -> Cause | RuledOut | None:
    """Look for what databases say of locks."""
    found = complaints(facts, _LINES)
    if not found:
        return None
    files = (_FILE.search(one.text("text")) for one in found)
    file = next((match.group("file") for match in files if match), "")
    return claimed(
        Claim(
            kind="database-locked",
            title=f"The database{f' {file}' if file else ''} is locked: {who(facts, found[0])} can't write",
            explanation=(
                "Another transaction holds the lock for longer than this one waits: a long writer, a second "
                f"process on the same SQLite file, or a deadlock. It said: {said(found[0])}"
            ),
            remediation=(
                look(facts, found[0]),
                Remedy(
                    text="Find who holds the lock: a second writer, a backup, or a transaction left open."
                ),
                Remedy(text="SQLite takes one writer: use WAL and a busy timeout, or a database server."),
                history(facts),
            ),
        ),
        found,
    )


SIGNATURE = Signature(
    kind="database-locked", looks_for="a database that is locked", symptoms=SYMPTOMS, judge=judge
)
