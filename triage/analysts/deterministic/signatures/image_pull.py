"""A container can't start because its image can't be had."""

from __future__ import annotations

from triage.analysts.analysis import Cause, Remedy, RuledOut
from triage.analysts.deterministic.containers import MOST_TITLE, SYMPTOMS, noted, place, waiting_for
from triage.analysts.deterministic.facts import Facts, cited
from triage.analysts.deterministic.signature import ANALYST, Signature, confidence
from triage.commands import see_history

_REASONS = frozenset(
    {"ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull", "ImageInspectError"}
)


def judge(facts: Facts) -> Cause | RuledOut | None:
    """Look for a container that waits for its image."""
    waits = waiting_for(facts, _REASONS)
    if waits is None:
        return None
    events = noted(facts, {"Failed", "ErrImageNeverPull", "InspectFailed"}, waits.text("pod"))
    # "Error: ImagePullBackOff" says less than why the pull failed
    event = max(events, key=lambda one: len(one.text("message")), default=None)
    image = waits.text("image") or "its image"
    return Cause(
        kind="image-pull",
        title=f"The image of container {place(waits)} can't be had: {image[:MOST_TITLE]}",
        explanation=(
            f"The container waits with {waits.text('reason')}, so the pod can't start. A wrong name or "
            "digest, an image that was never pushed or imported, and missing credentials look like this."
        ),
        confidence=confidence(0.85, (event is not None, 0.1)),
        remediation=(
            Remedy(
                text="Compare the image's name and digest in git with what was built.",
                command=see_history(facts.case.scope),
            ),
            Remedy(text="If a hand-off named it wrongly, revert that commit and push."),
        ),
        citations=cited(waits, event, facts.first("handoff")),
        found_by=ANALYST,
    )


SIGNATURE = Signature(
    kind="image-pull",
    looks_for="an image that can't be pulled",
    symptoms=SYMPTOMS,
    judge=judge,
    needs_cluster=True,
)
