"""A persistent volume has no room left."""

from __future__ import annotations

import re

from triage.analysts.analysis import Cause, Remedy, RuledOut
from triage.analysts.deterministic.complaints import complaints
from triage.analysts.deterministic.containers import SYMPTOMS
from triage.analysts.deterministic.context import nearby
from triage.analysts.deterministic.facts import Fact, Facts, cited
from triage.analysts.deterministic.places import look, namespace_of, who
from triage.analysts.deterministic.signature import ANALYST, Signature, confidence
from triage.analysts.deterministic.signatures.disk_full import NO_SPACE, WATCHES, mount_of

_LITTLE = 0.15
_CLAIM_NAME = re.compile(r"(?i)\bclaimName:\s+\"?(?P<claim>[\w.-]+)")


def judge(facts: Facts) -> Cause | RuledOut | None:
    """Compare the free share of the volume, and look for programs that complain."""
    free = next((one for one in facts.all("volume_free") if one.number("after") is not None), None)
    complaint = _complaint(facts)
    if free and free.amount("after") >= _LITTLE and complaint is None:
        return RuledOut(
            kind="volume-full",
            title="A full volume",
            reason=f"Of the volume {free.amount('after'):.0%} are free.",
            citations=cited(free),
        )
    short = free if free and free.amount("after") < _LITTLE else None
    return _cause(facts, short, complaint) if short or complaint else None


def _complaint(facts: Facts) -> Fact | None:
    """A program that can't write; without a claim or a mount another signature tells of it."""
    found = complaints(facts, NO_SPACE, but=WATCHES)
    if facts.case.scope.claim is None and facts.first("claim") is None and mount_of(facts, found) is None:
        return None
    return next(iter(found), None)


def _cause(facts: Facts, short: Fact | None, complaint: Fact | None) -> Cause:
    scope = facts.case.scope
    claim = next((one for one in facts.all("claim") if scope.claim in {None, one.text("claim")}), None)
    mount = mount_of(facts, [complaint]) if complaint else None
    name = (
        scope.claim or (claim.text("claim") if claim else "") or (mount.text("volume") if mount else "CLAIM")
    )
    told = (
        f"Of it {short.amount('after'):.1%} are free." if short else "",
        "A program that writes to it already fails." if complaint else "",
    )
    return Cause(
        kind="volume-full",
        title=f"The volume {name} {'is' if complaint else 'runs'} full"
        + (f": {who(facts, complaint)}: No space left on device" if complaint else ""),
        explanation=" ".join(part for part in told if part),
        confidence=confidence(0.7, (short is not None, 0.15), (complaint is not None, 0.1)),
        remediation=_remedies(facts, name, mount if claim is None and scope.claim is None else None),
        citations=cited(short, complaint, claim, mount),
        found_by=ANALYST,
    )


def _remedies(facts: Facts, name: str, mount: Fact | None) -> tuple[Remedy, ...]:
    """A claim can be described; what a pod mounts under a name of its own may be no claim at all."""
    claimed = _claimed(mount) if mount else None
    if mount and claimed is None:
        return (
            look(facts, mount),
            Remedy(text="See what fills it; write less, or raise its size in git (emptyDir: sizeLimit)."),
        )
    return (
        Remedy(
            text="See who uses it; delete what is old, or ask for more in git.",
            command=(
                f"kubectl -n {namespace_of(facts, mount)} describe persistentvolumeclaim "
                f"{claimed.text('claim') if claimed else name}"
            ),
        ),
    )


def _claimed(mount: Fact) -> Fact | None:
    """The claim behind a mounted volume, where the description of the pod tells it."""
    below = nearby(mount, re.compile(rf"^\s+{re.escape(mount.text('volume'))}:\s*$"), 0, 200)
    return next((one for at in below for one in nearby(at, _CLAIM_NAME, 0, 3)), None)


SIGNATURE = Signature(
    kind="volume-full",
    looks_for="a full volume",
    symptoms=SYMPTOMS,
    judge=judge,
    needs_cluster=True,
)
