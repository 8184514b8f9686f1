"""Which version serves, since when, and whether it was well before the trouble began."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from triage.analysts.deterministic.facts import Fact, Facts
from triage.symptom import Symptom

#: the series, by version, that shows each class of alert
_SHOWN_BY = {Symptom.LATENCY: "latency_p95", Symptom.CONFIDENCE: "confidence"}
#: a version that was well for this long before the onset was not what broke
WELL_SECONDS = 10.0
#: the same where only its presence is known, not the measure of the symptom
_PRESENT_SECONDS = 60.0
#: below this share of the later level a level counts as the normal one
NORMAL_SHARE = 0.67


@dataclass(frozen=True, slots=True)
class ServedVersion:
    """The version that served when the trouble was there."""

    fact: Fact
    since: datetime

    @property
    def version(self) -> str:
        """Its number in the registry."""
        return self.fact.text("version") or "?"


def served_version(facts: Facts) -> ServedVersion | None:
    """The version that was seen last; of several, the newest."""
    # of a single sample nobody knows since when it serves
    seen = [one for one in facts.all("served_version") if one.amount("first_seen") > 0]
    if not seen:
        return None
    fact = max(seen, key=lambda one: (one.amount("last_seen"), one.amount("first_seen")))
    return ServedVersion(fact, fact.moment("first_seen"))


def series_of(facts: Facts, served: ServedVersion) -> Fact | None:
    """The symptom's series of that version."""
    name = _SHOWN_BY.get(facts.case.scope.symptom, "latency_p95")
    return next((one for one in facts.all(name) if one.text("version") == served.version), None)


def was_well_before(facts: Facts, served: ServedVersion) -> Fact | None:
    """The fact that shows the version without the symptom before the onset, or None."""
    onset = facts.onset
    if onset is None:
        return None
    if facts.case.scope.symptom in _SHOWN_BY:
        series = series_of(facts, served)
        return series if series and is_well_before(series) else None
    present = (onset - served.since).total_seconds()
    return served.fact if present >= _PRESENT_SECONDS else None


def is_well_before(series: Fact) -> bool:
    """Whether a series was at its normal level for a while before the onset."""
    before, after = series.number("before"), series.number("after")
    if before is None or after is None or series.amount("before_seconds") < WELL_SECONDS:
        return False
    low, high = sorted((before, after))
    return low <= high * NORMAL_SHARE
