"""A disk has no room left, and it is no persistent volume claim that is known to be the one."""

from __future__ import annotations

import re
from collections.abc import Sequence

from triage.analysts.analysis import Cause, Remedy, RuledOut
from triage.analysts.deterministic.claims import Claim, claimed, said
from triage.analysts.deterministic.complaints import complaints
from triage.analysts.deterministic.containers import SYMPTOMS
from triage.analysts.deterministic.facts import Fact, Facts
from triage.analysts.deterministic.places import look, namespace_of, pod_of, who
from triage.analysts.deterministic.signature import Signature

#: programs' words for it
NO_SPACE = re.compile(
    r"(?i)no space left on device|\bENOSPC\b|\bErrno 28\b|disk(?: drive)? (?:is )?full"
    r"|database or disk is full"
    r"|disk quota exceeded|could not (?:extend|write) (?:to )?file .*(?:space|full)"
    r"|not enough (?:free )?(?:disk )?space"
)
#: the same error of the kernel, about watches instead of blocks
WATCHES = re.compile(r"(?i)inotify|fsnotify|max_user_watches")
_MOUNT = re.compile(r"^\s+(?P<path>/[\w./-]+) from (?P<volume>[\w.-]+) \(rw")
#: df's row of a filesystem with next to no room, or no inodes; images that are mounted are always full
_DF = re.compile(
    r"^(?!\S*(?:/loop\d|squashfs|overlay))\S+\s+.*\s(?P<used>9[89]|100)%\s+(?P<path>/(?!snap|media|boot)\S*)$"
)
_PATH = re.compile(r"(?P<path>/(?:[\w.-]+/)*[\w.-]+)")


def judge(facts: Facts) -> Cause | RuledOut | None:
    """Look for a program that can't write; a claim's volume has a signature of its own."""
    if facts.case.scope.claim or facts.first("claim"):
        return None
    full = facts.lines(_DF)
    found = [*complaints(facts, NO_SPACE, but=WATCHES), *full]
    if not found or mount_of(facts, found):
        return None
    paths = (
        _PATH.search(one.text("path") or one.text("text").split("No space")[-1]) for one in (*full, *found)
    )
    path = next((match.group("path") for match in paths if match), "")
    pod = pod_of(facts, found[0])
    inside = f"kubectl -n {namespace_of(facts)} exec {pod} -- df -h" if pod else "df -h"
    return claimed(
        Claim(
            kind="disk-full",
            title=f"Disk full: {who(facts, found[0])} can't write{f' {path}' if path else ''} "
            "(No space left on device)",
            explanation=f"The filesystem that it writes to has no room left. It said: {said(found[0])}",
            remediation=(
                Remedy(text="See which filesystem is full.", command=inside),
                look(facts, found[0]),
                Remedy(text="Delete or move what is old there, or give it more room in git."),
            ),
        ),
        found,
        weight=0.05,
    )


def mount_of(facts: Facts, found: Sequence[Fact]) -> Fact | None:
    """The pod's mount that one of the complaints names a path in."""
    text = " ".join(one.text("text") for one in found)
    mounts = [one for one in facts.lines(_MOUNT) if "serviceaccount" not in one.text("path")]
    return next((one for one in mounts if f"{one.text('path').rstrip('/')}/" in text), None)


SIGNATURE = Signature(kind="disk-full", looks_for="a full disk", symptoms=SYMPTOMS, judge=judge)
