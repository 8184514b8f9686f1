"""The processor has nothing left to give."""

from __future__ import annotations

import re

from triage.analysts.analysis import Cause, Remedy, RuledOut
from triage.analysts.deterministic.calibration import BASES
from triage.analysts.deterministic.containers import SYMPTOMS
from triage.analysts.deterministic.facts import Fact, Facts, cited
from triage.analysts.deterministic.places import history, who
from triage.analysts.deterministic.signature import ANALYST, Signature, confidence

_USE = re.compile(r"(?i)cpu.{0,30}(?:util|usage|percent|pct|busy|use)|(?:util|usage|load).{0,10}cpu")
#: top's summary, in percent; what waits for a disk is no work
_TOP = re.compile(r"^%Cpu\(s\):\s*(?P<user>[\d.]+) us,\s*(?P<system>[\d.]+) sy")
_FULL = 0.95


def judge(facts: Facts) -> Cause | RuledOut | None:
    """Look for a use of nearly everything there is."""
    measured = [
        one for one in facts.all("series") if _USE.search(one.text("metric")) and _share(one) >= _FULL
    ]
    shown = [one for one in facts.lines(_TOP) if _used(one) >= _FULL]
    found = [*measured, *shown]
    if not found:
        return None
    first = found[0]
    share = _share(first) if measured else _used(first)
    rose = f", before it was {_scaled(first, first.amount('before')):.0%}" if first.number("before") else ""
    return Cause(
        kind="cpu-saturated",
        title=f"CPU saturation: the processors of {who(facts, first)} are {share:.0%} busy",
        explanation=(
            f"All processors are in use ({share:.0%}{rose}), so work waits for its turn and latency rises."
        ),
        confidence=confidence(BASES["cpu-saturated"], (bool(measured and shown), 0.1)),
        remediation=(
            Remedy(text="See what uses it.", command="top -b -n 1 | head -20"),
            Remedy(text="Take load away or add replicas; if a change brought it, profile and revert."),
            history(facts),
        ),
        citations=cited(*found[:3]),
        found_by=ANALYST,
    )


def _share(fact: Fact) -> float:
    return _scaled(fact, fact.amount("after"))


def _scaled(fact: Fact, value: float) -> float:
    """A share, also where it is told in percent."""
    percent = fact.amount("highest") > 1.5
    return value / 100 if percent else value


def _used(fact: Fact) -> float:
    return (float(fact.text("user")) + float(fact.text("system"))) / 100


SIGNATURE = Signature(
    kind="cpu-saturated", looks_for="processors without rest", symptoms=SYMPTOMS, judge=judge
)
