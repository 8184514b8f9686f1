"""Statistics as evidence tells them, completed by what the alert says of the same ones.

A table that somebody saved often leaves out how many rows it rests on, and the alert knows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from triage.drift.statistic import Statistic, StatisticName, plain, read_statistics
from triage.evidence.drift.lines import statistic_of
from triage.evidence.item import EvidenceItem, EvidenceStatus, Observation

ANNOTATION = "statistics"


@dataclass(frozen=True, slots=True)
class Told:
    """One statistic, and where it stands."""

    statistic: Statistic
    evidence: str
    line: int


def told_in(evidence: Iterable[EvidenceItem], annotations: Mapping[str, str]) -> Sequence[Told]:
    """All statistics in the evidence, each once, completed by the alert's own."""
    own = alerts_own(annotations)
    found: dict[tuple[StatisticName, str, str], Told] = {}
    for item in evidence:
        if item.status is EvidenceStatus.OK:
            for observation in item.observations:
                one = understood(observation, own)
                if one is not None:
                    better = found.get(one.key)
                    if better is None or (better.statistic.p_value is None and one.p_value is not None):
                        found[one.key] = Told(one, item.id, observation.line)
    return list(found.values())


def alerts_own(annotations: Mapping[str, str]) -> Sequence[Statistic]:
    """What the alert's annotation says; nothing where it has none, or no list."""
    try:
        return read_statistics(annotations.get(ANNOTATION, "[]"))
    except (ValueError, RecursionError):
        return ()


def understood(observation: Observation, own: Sequence[Statistic]) -> Statistic | None:
    """The statistic that an observation tells, completed by ``own``; None when it tells none."""
    one = statistic_of(observation)
    if one is None:
        return None
    if value := observation.texts.get("value", ""):
        # one caller among others is a statistic of its own
        return replace(one, feature=f"{one.feature} {value}")
    return _completed(one, own)


def _completed(one: Statistic, own: Sequence[Statistic]) -> Statistic:
    name = plain(one.feature)
    for other in own:
        same_name = plain(other.feature) == name
        # a table of inputs does not say that an input is how a request looks; the detector does
        same_kind = other.statistic is one.statistic or (name and {one.statistic, other.statistic} <= _INPUTS)
        if same_name and same_kind and (not one.window or not other.window or one.window == other.window):
            return replace(one.completed(other), statistic=other.statistic)
    return one


_INPUTS = frozenset({StatisticName.FEATURE_SHIFT, StatisticName.REQUEST_METADATA})
