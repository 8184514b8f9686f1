"""A PodDisruptionBudget keeps a node from being drained."""

from __future__ import annotations

import re

from triage.analysts.analysis import Cause, Remedy
from triage.analysts.deterministic.claims import Claim, claimed, said
from triage.analysts.deterministic.complaints import complaints
from triage.analysts.deterministic.containers import SYMPTOMS
from triage.analysts.deterministic.facts import Facts
from triage.analysts.deterministic.signature import Signature

_REFUSED = re.compile(
    r"(?i)(?:evicting pods?/?\"?(?P<pod>[\w.-]+)\"?.*)?violate the pod's disruption budget"
    r"|disruption budget \\?\"?(?P<budget>[\w.-]+)\\?\"? (?:needs|does not allow|is blocking)"
)
#: a row of ``kubectl get poddisruptionbudgets`` that allows none
_ROW = re.compile(
    r"^(?:[a-z0-9-]+\s+)?(?P<budget>[a-z0-9][\w.-]*)\s+(?:\d+%?|N/A)\s+(?:\d+%?|N/A)\s+0\s+\d+\w*\s*$"
)


def judge(facts: Facts) -> Cause | None:
    """Look for the eviction that was refused, and for the budget that allows none."""
    found = complaints(facts, _REFUSED)
    if not found:
        return None
    budgets = facts.lines(_ROW)
    budget = next((one.text("budget") for one in (*found, *budgets) if one.text("budget")), "")
    pod = next((one.text("pod") for one in found if one.text("pod")), "its pods")
    return claimed(
        Claim(
            kind="disruption-budget",
            title=f"PodDisruptionBudget {budget}: {pod} can't be evicted, so the drain does not end".replace(
                " :", ":"
            ),
            explanation=(
                "The eviction would leave fewer pods than the disruption budget"
                f"{f' {budget}' if budget else ''} allows (ALLOWED DISRUPTIONS is 0). It said: "
                f"{said(found[0])}"
            ),
            remediation=(
                Remedy(
                    text="See what the budgets allow, and which of their pods are not ready.",
                    command="kubectl get poddisruptionbudgets,pods -A -o wide",
                ),
                Remedy(text="Mend the pods that are not ready or add a replica; loosen the budget in git."),
            ),
        ),
        found,
        *budgets[:1],
    )


SIGNATURE = Signature(
    kind="disruption-budget",
    looks_for="a disruption budget that allows no eviction",
    symptoms=SYMPTOMS,
    judge=judge,
)
