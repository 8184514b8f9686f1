"""The statistics of a case, assessed together, each with the lines that say it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from triage.analysts.analysis import Citation
from triage.analysts.deterministic.facts import Fact, Facts, cited
from triage.drift.assessment import Assessment, assess
from triage.drift.statistic import Statistic, StatisticName
from triage.drift.urgency import Judged
from triage.evidence.drift.found import alerts_own, understood
from triage.evidence.drift.lines import OBSERVATION, amount
from triage.symptom import Symptom

SYMPTOMS = frozenset({Symptom.DRIFT})
#: a hand-off that recently may be what lost the quality
_LATELY = timedelta(days=7)
_MOST_CITED = 6
_MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class Reading:
    """What the evidence says of drift."""

    model: str
    assessment: Assessment
    facts: dict[tuple[StatisticName, str, str], list[Fact]]
    #: the last hand-off before the drift, where it was recent
    handoff: Fact | None

    def citations(self, found: Iterable[Judged], *others: Fact | None) -> tuple[Citation, ...]:
        """The lines that say them, those of the strongest first; each source is cited."""
        facts = [fact for one in found for fact in self.facts[one.statistic.key]]
        chosen = cited(*facts)[:_MOST_CITED]
        sources = {one.evidence for one in chosen}
        further = [fact for fact in facts if fact.item.id not in sources][:2]
        return tuple(dict.fromkeys((*chosen, *cited(*further, *others))))

    @property
    def urgency(self) -> str:
        """The urgency in a sentence."""
        if any(one.moved and not one.is_tested for one in self.assessment.judged):
            return (
                f"Urgency {self.assessment.urgency}: it exceeds the detector's threshold, but how many rows "
                "that rests on is not told for all of it, so chance is not ruled out."
            )
        return f"Urgency {self.assessment.urgency}, by the size of the effect and its significance."


def read_drift(facts: Facts) -> Reading | None:
    """All statistics of the case; None when the evidence tells none."""
    own = alerts_own(facts.case.alert.annotations)
    best: dict[tuple[StatisticName, str, str], Statistic] = {}
    lines: dict[tuple[StatisticName, str, str], list[Fact]] = {}
    for fact in facts.all(OBSERVATION):
        one = understood(fact.observation, own)
        if one is None:
            continue
        lines.setdefault(one.key, []).append(fact)
        known = best.get(one.key)
        if known is None or (known.p_value is None and one.p_value is not None):
            best[one.key] = one
        if known and known.p_value is not None and one.p_value is None and _states(fact, one):
            # a report that says the numbers goes before our own means of days, which no line says
            first = lines[one.key][0]
            if not _states(first, known):
                best[one.key] = replace(one, p_value=known.p_value, n=one.n or known.n)
                lines[one.key] = [fact, *(other for other in lines[one.key] if other is not fact)]
    if not best:
        return None
    handoff = _recent_handoff(facts)
    assessment = assess(list(best.values()), released_lately=handoff is not None)
    return Reading(facts.model, assessment, lines, handoff)


def _states(fact: Fact, statistic: Statistic) -> bool:
    """Whether the line itself says from where the value came."""
    value = statistic.baseline
    return value is not None and f"{value:g}" in fact.cite().quote


def _recent_handoff(facts: Facts) -> Fact | None:
    at = facts.case.alert.starts_at
    recent = [one for one in facts.all("handoff") if one.at and at - _LATELY <= one.at <= at]
    return max(recent, key=lambda one: one.at or at, default=None)


def told(one: Judged) -> str:
    """A statistic in a few words: what, from where to where, by how much."""
    statistic = one.statistic
    what = statistic.feature or statistic.statistic.value.replace("_", " ")
    values = ""
    if statistic.baseline is not None and statistic.current is not None:
        values = f" {amount(statistic.baseline)} -> {amount(statistic.current)}"
    within = f" against the {statistic.window} baseline" if statistic.window else ""
    tests = [f"effect {amount(one.effect)}"]
    if one.p_value is not None:
        # below what a float can tell apart from zero
        tests.append(f"p {one.p_value:.1g}" if one.p_value > 0 else "p below 1e-300")
    return f"{what}{values}{within} ({', '.join(tests)})"


def named(names: Sequence[str]) -> str:
    """A few names, and how many more there are.

    >>> named(["a"]), named(["a", "b"]), named(["a", "b", "c", "d", "e"])
    ('a', 'a and b', 'a, b, c and 2 more')
    """
    shown = list(names[:_MOST_NAMED])
    more = len(names) - len(shown)
    if more:
        return f"{', '.join(shown)} and {more} more"
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"
