"""A process has used up its file descriptors or watches."""

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
    r"(?i)too many open files|\bEMFILE\b|\bENFILE\b|\bErrno 24\b|file descriptor limit|file table overflow"
    r"|(?:inotify|fsnotify).*(?:no space left|limit)|max_user_(?:watches|instances)"
)


def judge(facts: Facts) -> Cause | RuledOut | None:
    """Look for what the kernel answers to one open too many."""
    found = complaints(facts, _LINES)
    if not found:
        return None
    return claimed(
        Claim(
            kind="too-many-files",
            title=f"Too many open files: {who(facts, found[0])} has used up its file descriptors (EMFILE)",
            explanation=(
                "Each file and connection takes a descriptor; the process reached its limit (ulimit -n), "
                "by a leak "
                f"or by more connections than the limit allows. It said: {said(found[0])}"
            ),
            remediation=(
                look(facts, found[0]),
                Remedy(
                    text="On its host: count what it holds open, and compare with its limit.",
                    command="ls /proc/PID/fd | wc -l; grep 'open files' /proc/PID/limits",
                ),
                Remedy(text="Close what leaks; raise the limit only if the need is real."),
                history(facts),
            ),
        ),
        found,
    )


SIGNATURE = Signature(
    kind="too-many-files", looks_for="file descriptors that are used up", symptoms=SYMPTOMS, judge=judge
)
