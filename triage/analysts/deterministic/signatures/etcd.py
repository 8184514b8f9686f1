"""etcd, which keeps the cluster's state, is full, slow or has no leader; the API server suffers too."""

from __future__ import annotations

import re

from triage.analysts.analysis import Cause, Remedy
from triage.analysts.deterministic.claims import Claim, claimed, said
from triage.analysts.deterministic.containers import SYMPTOMS
from triage.analysts.deterministic.facts import Facts
from triage.analysts.deterministic.faults import Fault, told_faults
from triage.analysts.deterministic.signature import Signature

#: what is wrong with it and what helps, the most telling first
_FAULTS = (
    Fault(
        re.compile(r"(?i)mvcc: database space exceeded|alarm:? ?NOSPACE|NOSPACE alarm"),
        "its database is full (mvcc: database space exceeded), so every write is refused",
        "Compact and defragment it, disarm the alarm, and raise --quota-backend-bytes if the need is real.",
    ),
    Fault(
        re.compile(
            r"(?i)slow fdatasync|wal: sync duration of|failed to send out heartbeat on time"
            r"|(?:apply|read-only range) request \S*.{0,40}took too long"
        ),
        "its disk is too slow (slow fdatasync), so requests wait and leaders change",
        "Give etcd a disk of its own with low latency (fsync below 10 ms at the 99th percentile).",
    ),
    Fault(
        re.compile(
            r"(?i)etcdserver: (?:no leader|leader changed|request timed out)|lost leader|elected leader"
        ),
        "it has lost its leader",
        "See whether a majority of its members runs and reaches the others.",
    ),
)


def judge(facts: Facts) -> Cause | None:
    """Look for etcd's own words, or the API server's that repeat them."""
    told = told_faults(facts, _FAULTS)
    if told is None:
        return None
    fault, found = told
    return claimed(
        Claim(
            kind="etcd",
            title=f"etcd: {fault.told}",
            explanation=(
                f"The API server can only be as well as etcd is: {fault.told}. It said: {said(found[0])}"
            ),
            remediation=(
                Remedy(text="See its members, size and alarms.", command="etcdctl endpoint status -w table"),
                Remedy(text=fault.step),
            ),
        ),
        found,
    )


SIGNATURE = Signature(
    kind="etcd", looks_for="an etcd that is full, slow or without a leader", symptoms=SYMPTOMS, judge=judge
)
