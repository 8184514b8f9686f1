"""A manifest, a rule or a configuration file was refused by its checker."""

from __future__ import annotations

import re

from triage.analysts.analysis import Cause, Remedy
from triage.analysts.deterministic.facts import Fact, Facts, cited
from triage.analysts.deterministic.signature import ANALYST, Signature, confidence
from triage.analysts.deterministic.signatures.pipelines.failure import (
    MOST_TITLE,
    SYMPTOMS,
    counts,
    explained_by,
    in_a_pipeline,
    place,
    step_of,
)
from triage.analysts.deterministic.wording import shortened

#: tool -> what its refusal means, and how to see it again
_TOOLS = {
    "promtool": ("Prometheus could not load the rule", "promtool check rules {file}"),
    "kubeconform": (
        "the manifest does not fit the schema of its kind",
        "kubeconform -strict -summary {file}",
    ),
    "kustomize": ("the overlay can't be rendered, so Argo CD could not either", "kustomize build OVERLAY"),
    "conftest": ("the manifest breaks one of the policies", "conftest test {file}"),
    "helm": ("the chart can't be rendered", "helm template CHART"),
    "kubectl": ("the API server would refuse the object", "kubectl apply --dry-run=server -f {file}"),
    "terraform": ("the configuration can't be planned or applied", "terraform validate"),
    "argocd": ("Argo CD could not compare or sync the application", None),
    "homeostat": ("the file says something that it may not", "homeostat config check"),
}


_BUILDS = re.compile(r"\bkustomize build\b(?!.*failed)")
_RAN = re.compile(r"\bkustomize build (?:--?[\w-]+(?:[= ]\S+)? )*(?P<overlay>\.?\w[\w./-]*)\s*$")


def judge(facts: Facts) -> Cause | None:
    """Name the file, the object and the checker's own words."""
    errors = [one for one in facts.all("manifest.error") if _decides(facts, one)]
    if not errors:
        return None
    first, step = errors[0], step_of(facts, errors[0])
    meaning, command = _TOOLS.get(first.text("tool"), ("a checker refused the file", None))
    about = " of ".join(part for part in (first.text("resource"), place(first)) if part) or "a manifest"
    more = f" and {len(errors) - 1} more" if len(errors) > 1 else ""
    return Cause(
        kind="manifest-error",
        title=shortened(
            f"Manifest error in {about} ({first.text('tool')}): {first.text('error')}", MOST_TITLE
        )
        + more,
        explanation=(f"{first.text('tool')} says: {first.text('error')}. That means that {meaning}."),
        confidence=confidence(0.82, (step is not None, 0.07)),
        remediation=(
            Remedy(text=f"Correct {place(first) or 'what the error names'} by a commit."),
            Remedy(
                text="Check it again.",
                command=_command(facts, command, first) if command else None,
            ),
        ),
        citations=cited(*errors[:4], step),
        found_by=ANALYST,
    )


def _command(facts: Facts, command: str, first: Fact) -> str | None:
    """The check, of what the run checked; None where nothing tells what that was."""
    if "OVERLAY" in command:
        before = [
            one
            for one in facts.lines(_BUILDS)
            if one.item.id == first.item.id and one.observation.line < first.observation.line
        ]
        # the last one that was run; where a loop ran it, the log does not tell on what
        ran = _RAN.search(before[-1].text("text")) if before else None
        return command.replace("OVERLAY", ran["overlay"]) if ran else None
    if "CHART" in command:
        return None
    return command.format(file=first.text("file")) if first.text("file") or "{file}" not in command else None


def _decides(facts: Facts, error: Fact) -> bool:
    # words of the API server and of Argo CD stand in the logs of many programs
    loose = error.text("tool") in {"kubectl", "argocd", "homeostat"}
    return (
        counts(facts, error)
        and explained_by(facts, error) is None
        and not (loose and not in_a_pipeline(facts, error))
    )


SIGNATURE = Signature(
    kind="manifest-error", looks_for="a manifest that its checker refused", symptoms=SYMPTOMS, judge=judge
)
