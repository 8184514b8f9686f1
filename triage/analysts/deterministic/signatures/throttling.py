"""A container is held back by its CPU limit: the kernel's CFS scheduler stops it until the next period."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from triage.analysts.analysis import Cause, Remedy, RuledOut
from triage.analysts.deterministic.calibration import BASES
from triage.analysts.deterministic.containers import SYMPTOMS
from triage.analysts.deterministic.context import nearby
from triage.analysts.deterministic.facts import Fact, Facts, cited
from triage.analysts.deterministic.places import history, look, pod_of, who
from triage.analysts.deterministic.signature import ANALYST, Signature, confidence

#: of all periods; below the lower one it is no trouble, from the upper one on it is
_LITTLE, _MUCH = 0.1, 0.25
_PERCENT = re.compile(
    r"(?i)(?P<before>\d+(?:\.\d+)?)\s?%[^\n]{0,40}throttl|throttl\w*[^\n%]{0,80}?(?P<after>\d+(?:\.\d+)?)\s?%"
)
_LIMITS = re.compile(r"^\s+(?i:limits):\s*$")
_CPU = re.compile(r"^\s+cpu:\s+(?P<cpu>\S+)")
_PERIODS = re.compile(r"\bnr_periods[\"']?[ :=]+(?P<count>\d+)")
_THROTTLED = re.compile(r"\bnr_throttled[\"']?[ :=]+(?P<count>\d+)")


@dataclass(frozen=True, slots=True)
class _Measured:
    """The share of throttled periods, and the lines that say so."""

    ratio: float
    facts: tuple[Fact, ...]


def judge(facts: Facts) -> Cause | RuledOut | None:
    """Look for the share of periods in which a container was throttled."""
    measured = [*_observed(facts), *_counted(facts), *_told(facts)]
    if not measured:
        return None
    worst = max(measured, key=lambda one: one.ratio)
    if worst.ratio < _LITTLE:
        return RuledOut(
            kind="throttling",
            title="CPU throttling",
            reason=f"Only {worst.ratio:.0%} of the CPU periods were throttled.",
            citations=cited(*worst.facts),
        )
    return _cause(facts, worst) if worst.ratio >= _MUCH else None


def _cause(facts: Facts, worst: _Measured) -> Cause:
    shown = worst.facts[0]
    container, pod = shown.text("container") or facts.case.scope.container, pod_of(facts, shown)
    where = f"container {container} of {pod}" if container and pod else who(facts, shown)
    limits = facts.all("pod.container")
    limit = next(
        (one for one in limits if one.text("pod") == pod and one.text("container") == container), None
    )
    stated = next(iter(_stated_limits(facts)), None)
    cpu = (limit.text("cpu_limit") if limit else "") or (stated.text("cpu") if stated else "")
    return Cause(
        kind="throttling",
        title=f"CPU throttling (CFS): {where} was throttled in {worst.ratio:.0%} of its periods",
        explanation=(
            f"It reaches its CPU limit{f' of {cpu}' if cpu else ''} and is stopped until the next period of "
            f"100 ms, in {worst.ratio:.0%} of the periods; requests wait meanwhile, so latency rises."
        ),
        confidence=confidence(
            BASES["throttling"],
            (worst.ratio >= 0.5, 0.1),
            (len(worst.facts) > 1, 0.05),
            (limit is not None, 0.05),
        ),
        remediation=(
            look(facts, shown),
            Remedy(text="Raise the CPU limit in git (or its replicas), if the need is real."),
            history(facts),
        ),
        citations=cited(*worst.facts, limit, *_stated_limits(facts)),
        found_by=ANALYST,
    )


def _stated_limits(facts: Facts) -> Sequence[Fact]:
    """The lines of a saved description that state a CPU limit."""
    heads = facts.lines(_LIMITS)
    found = [one for head in heads for one in nearby(head, _CPU, 0, 2)]
    return found[:1]


def _observed(facts: Facts) -> list[_Measured]:
    return [_Measured(one.amount("ratio"), (one,)) for one in facts.all("throttling")]


def _counted(facts: Facts) -> list[_Measured]:
    """From ``cpu.stat``: of the last such reading in each source."""
    periods = {one.item.id: one for one in facts.lines(_PERIODS)}
    throttled = {one.item.id: one for one in facts.lines(_THROTTLED)}
    both = [(throttled[item], periods[item]) for item in periods if item in throttled]
    return [
        _Measured(int(held.text("count")) / int(all_.text("count")), (held, all_))
        for held, all_ in both
        if int(all_.text("count"))
    ]


def _told(facts: Facts) -> list[_Measured]:
    """A percentage that a line states beside the word."""
    found = facts.lines(_PERCENT)
    shares = [(float(one.text("before") or one.text("after")) / 100, one) for one in found]
    return [_Measured(share, (one,)) for share, one in shares if share <= 1]


SIGNATURE = Signature(
    kind="throttling",
    looks_for="CPU throttling by a container's limit",
    symptoms=SYMPTOMS,
    judge=judge,
)
