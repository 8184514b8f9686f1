"""An application is not well: the objects that make it so, by Argo CD's own judgement."""

from __future__ import annotations

import re
from collections.abc import Sequence

from triage.analysts.analysis import Cause, Remedy, RuledOut
from triage.analysts.deterministic.facts import Fact, Facts, cited
from triage.analysts.deterministic.signature import ANALYST, Signature, confidence
from triage.clock import stamp
from triage.commands import see_application
from triage.evidence.item import Observation
from triage.symptom import Symptom

_WORST = ("Degraded", "Missing", "Unknown", "Progressing")
_MOST_NAMED = 3
_HEALTHY = re.compile(r"\bHealthy\b")


def judge(facts: Facts) -> Cause | RuledOut | None:
    """Name the objects whose health is bad, the worst first."""
    seen = facts.first("app")
    if seen is None:
        return None
    unwell = [one for one in facts.all("app.resource") if one.text("health") in _WORST]
    if unwell:
        return _cause(seen, sorted(unwell, key=lambda one: _WORST.index(one.text("health")))[:_MOST_NAMED])
    if seen.text("health") != "Healthy" or _healthy(seen) is None:
        return None
    return RuledOut(
        kind="application-degraded",
        title="An object of the application that is not well",
        reason="Argo CD calls the application Healthy.",
        citations=cited(_healthy(seen)),
    )


def _healthy(seen: Fact) -> Fact | None:
    """The line that says so of the application itself: its objects' own lines stand deeper."""
    if _HEALTHY.search(seen.cite().quote):
        return seen
    said = [line for line in seen.item.lines if _HEALTHY.search(line.text)]
    least = min(said, key=lambda line: len(line.text) - len(line.text.lstrip()), default=None)
    return Fact(seen.item, Observation(name="line", line=least.number)) if least else None


def _cause(seen: Fact, unwell: Sequence[Fact]) -> Cause:
    first, name = unwell[0], seen.text("application")
    names = ", ".join(f"{one.text('kind')} {one.text('name')}" for one in unwell)
    since = f" since {stamp(seen.at)}" if seen.at else ""
    why = f": {first.text('message')}" if first.text("message") else ""
    return Cause(
        kind="application-degraded",
        title=f"{name} is {seen.text('health')} by {names}",
        explanation=(
            f"{first.text('kind')} {first.text('name')} is {first.text('health')}{why}. "
            f"The application is {seen.text('health')}{since}."
        ),
        # it says what is not well, which is less than why
        confidence=confidence(0.4, (first.text("health") == "Degraded", 0.1), (bool(why), 0.1)),
        remediation=(Remedy(text="See all that Argo CD says of it.", command=see_application(name)),),
        citations=cited(*unwell, seen),
        found_by=ANALYST,
    )


SIGNATURE = Signature(
    kind="application-degraded",
    looks_for="objects of the application that are not well",
    symptoms=frozenset({Symptom.DELIVERY}),
    judge=judge,
    needs_cluster=True,
)
