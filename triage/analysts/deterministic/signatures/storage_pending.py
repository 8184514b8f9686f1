"""A persistent volume claim stays Pending, or its volume can't be attached: its pods can't start."""

from __future__ import annotations

import re
from collections.abc import Sequence

from triage.analysts.analysis import Cause, Remedy, RuledOut
from triage.analysts.deterministic.calibration import BASES
from triage.analysts.deterministic.complaints import complaints
from triage.analysts.deterministic.containers import MOST_TITLE, SYMPTOMS
from triage.analysts.deterministic.facts import Fact, Facts, cited
from triage.analysts.deterministic.places import look, namespace_of, who
from triage.analysts.deterministic.signature import ANALYST, Signature, confidence
from triage.analysts.deterministic.wording import shortened

#: why no volume comes, the most telling first
_WHY = (
    re.compile(r"(?i)(?P<why>storageclass\S* \\?[\"']?(?P<class>[\w.-]+)\\?[\"']? (?:was )?not found)"),
    re.compile(r"(?i)(?P<why>no persistent volumes available for this claim and no storage class is set)"),
    re.compile(
        r"(?i)(?P<why>failed to provision volume with StorageClass \\?\"?(?P<class>[\w.-]+)\\?\"?.{0,160})"
    ),
    re.compile(r"(?i)(?P<why>persistentvolumeclaim \\?[\"']?(?P<claim>[\w.-]+)\\?[\"']? (?:was )?not found)"),
    re.compile(r"(?i)(?P<why>Multi-Attach error for volume \S+)"),
    re.compile(r"(?i)(?P<why>waiting for a volume to be created.{0,120})"),
    re.compile(r"(?i)(?P<why>(?:pod has )?unbound immediate PersistentVolumeClaims)"),
    re.compile(r"(?i)(?P<why>volume node affinity conflict)"),
    re.compile(r"(?i)(?P<why>(?:ProvisioningFailed|FailedBinding)\b.{0,120})"),
)
_LISTED = re.compile(r"^(?:\S+\s+)?(?P<claim>[a-z0-9][\w.-]*)\s+Pending\b")
#: troubles of a volume that there is
_OF_BOUND = re.compile(r"(?i)Multi-Attach|node affinity conflict")
#: a described pod's volume
_MOUNTED = re.compile(r"^\s+ClaimName:\s+(?P<claim>\S+)")
_OF_CLAIM = re.compile(r"(?i)persistentvolumeclaim[/ ](?P<claim>[a-z0-9][\w.-]*)")


#: the same in a description and in an object
_CLAIM_NAME = re.compile(r"(?i)\bclaimName:\s+\"?(?P<claim>[\w.-]+)")
_VOLUMES = re.compile(r"(?i)^\s*volumes:")


def judge(facts: Facts) -> Cause | RuledOut | None:
    """Look for a claim that is not bound, and for why."""
    claims = facts.all("claim")
    pending = next((one for one in claims if one.text("phase") in {"Pending", "Lost"}), None)
    found = complaints(facts, *_WHY)
    if pending is None and not found:
        return _ruled_out(claims)
    why = found[0] if found else None
    name = _name(facts, pending, found)
    if why and why.text("claim"):
        # the claim that does not exist is not one that is listed
        name = why.text("claim")
        pending = pending if pending and pending.text("claim") == name else None
    if not _is_mounted(facts, name):
        return None
    reason = why.text("why") if why else "it is Pending and nothing says why"
    bound = pending is None and _OF_BOUND.search(reason) is not None
    missing = why is not None and bool(why.text("claim"))
    state = "can't be attached" if bound else "does not exist" if missing else "is Pending"
    return Cause(
        kind="storage-pending",
        title=f"PersistentVolumeClaim {name or ''} {state}: {shortened(reason, MOST_TITLE)}".replace(
            "  ", " "
        ),
        explanation=(
            (
                f"The volume of the claim{f' {name}' if name else ''} can't be attached on the pod's node"
                if bound
                else f"The claim {name} does not exist in the pod's namespace"
                if missing
                else f"No volume was bound to the claim{f' {name}' if name else ''}"
            )
            + f", so pods that mount it ({who(facts)}) can't start: {reason}."
        ),
        confidence=confidence(
            BASES["storage-pending"], (why is None, -0.4), (pending is not None and why is not None, 0.1)
        ),
        remediation=(
            Remedy(
                text="See which claims there are, under which names."
                if missing
                else "Read the claim's events.",
                command=(
                    f"kubectl -n {namespace_of(facts, pending)} get persistentvolumeclaims"
                    if missing or not name
                    else f"kubectl -n {namespace_of(facts, pending)} describe persistentvolumeclaim {name}"
                ),
            ),
            Remedy(
                text="See which storage classes and volumes there are.",
                command="kubectl get storageclasses,persistentvolumes",
            ),
            Remedy(
                text=(
                    "Add the claim in git, or mend the name by which the pod refers to it, and push."
                    if missing
                    else "Name a storage class that exists in the claim in git, or add the volume that it "
                    "asks for."
                )
            ),
            look(facts),
        ),
        citations=cited(*found[:3], pending),
        found_by=ANALYST,
    )


def _is_mounted(facts: Facts, name: str) -> bool:
    """Whether the claim may be the alert's: a pod that is described in whole names all that it mounts."""
    if facts.case.scope.claim or facts.case.scope.pod is None or not name:
        return True
    mounts = facts.lines(_CLAIM_NAME)
    described = any(facts.subject.is_own(one.text("pod")) for one in facts.all("pod.container"))
    return not (described and facts.lines(_VOLUMES)) or any(one.text("claim") == name for one in mounts)


def _name(facts: Facts, pending: Fact | None, lines: Sequence[Fact]) -> str:
    told = next((one.text("claim") for one in lines if one.text("claim")), "")
    of = next((m.group("claim") for one in lines if (m := _OF_CLAIM.search(one.text("text")))), "")
    event = next((one for one in facts.all("event") if one.text("kind") == "PersistentVolumeClaim"), None)
    listed = next(iter([*facts.lines(_MOUNTED), *facts.lines(_LISTED)]), None)
    return (
        (pending.text("claim") if pending else "")
        or told
        or of
        or (event.text("object") if event else "")
        or facts.case.scope.claim
        or (listed.text("claim") if listed else "")
    )


def _ruled_out(bound: Sequence[Fact]) -> RuledOut | None:
    if not bound or any(one.text("phase") != "Bound" for one in bound):
        return None
    return RuledOut(
        kind="storage-pending",
        title="A persistent volume claim that is not bound",
        reason="The claims are Bound.",
        citations=cited(bound[0]),
    )


SIGNATURE = Signature(
    kind="storage-pending",
    looks_for="a persistent volume claim that stays Pending",
    symptoms=SYMPTOMS,
    judge=judge,
    needs_cluster=True,
)
