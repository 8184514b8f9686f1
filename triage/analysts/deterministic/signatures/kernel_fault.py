"""The node's kernel tells of failing hardware or of a table of its own that is full."""

from __future__ import annotations

import re

from triage.analysts.analysis import Cause, Remedy
from triage.analysts.deterministic.claims import Claim, claimed, said
from triage.analysts.deterministic.containers import SYMPTOMS
from triage.analysts.deterministic.facts import Facts
from triage.analysts.deterministic.faults import Fault, told_faults
from triage.analysts.deterministic.signature import Signature

#: the kernel's words, what they mean and what helps
_FAULTS = (
    Fault(
        re.compile(r"NVRM: Xid|GPU has fallen off the bus"),
        "a GPU fails (NVIDIA Xid)",
        "Drain the node and look the number of the Xid up; reset or replace the GPU.",
    ),
    Fault(
        re.compile(r"nf_conntrack: table full"),
        "the table of connections is full (nf_conntrack), so packets are dropped",
        "Find who opens so many connections; raise net.netfilter.nf_conntrack_max.",
    ),
    Fault(
        re.compile(
            r"(?:EXT4-fs|XFS|BTRFS)\b.{0,40}\b(?:error|[Cc]orruption)"
            r"|(?:blk_update_request|Buffer): I/O error"
            r"|I/O error, dev \w+|[Rr]emounting filesystem read-only"
        ),
        "a disk or its filesystem fails (I/O error)",
        "Drain the node, check the disk (smartctl, dmesg) and the filesystem, and replace what fails.",
    ),
    Fault(
        re.compile(r"blocked for more than \d+ seconds|soft lockup|rcu_sched (?:self-)?detected stall"),
        "tasks hang in the kernel",
        "Look for a slow disk, a lost network filesystem or a starved host.",
    ),
    Fault(
        re.compile(r"\[Hardware Error\]|Machine [Cc]heck|EDAC \S+: \d+ UE"),
        "its hardware reports errors (machine check)",
        "Drain the node, and have its memory and processors checked.",
    ),
)


def judge(facts: Facts) -> Cause | None:
    """Look for the kernel's own words."""
    told = told_faults(facts, _FAULTS)
    if told is None:
        return None
    fault, found = told
    return claimed(
        Claim(
            kind="kernel-fault",
            title=f"Kernel: {fault.told}",
            explanation=f"The node's kernel says that {fault.told}. It said: {said(found[0])}",
            remediation=(
                Remedy(text="Read the kernel's log on the node.", command="dmesg -T"),
                Remedy(text=fault.step),
            ),
        ),
        found,
    )


SIGNATURE = Signature(
    kind="kernel-fault",
    looks_for="hardware that fails, or a full table, by the kernel's log",
    symptoms=SYMPTOMS,
    judge=judge,
)
