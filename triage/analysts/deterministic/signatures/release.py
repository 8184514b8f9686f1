"""The recent release: it came with the trouble, or it served well before and so did not bring it."""

from __future__ import annotations

from datetime import datetime, timedelta

from triage.analysts.analysis import Cause, Citation, Remedy, RuledOut
from triage.analysts.deterministic.facts import Fact, Facts
from triage.analysts.deterministic.served import ServedVersion, series_of, served_version, was_well_before
from triage.analysts.deterministic.signature import ANALYST, Signature, confidence
from triage.clock import stamp
from triage.symptom import Symptom

#: trouble that a release brings shows within this time of its rollout
_WINDOW = timedelta(minutes=10)
#: rates look back, so a new version's first sample may come a little after the change that it caused
_GRACE = timedelta(seconds=45)


def judge(facts: Facts) -> Cause | RuledOut | None:
    """Compare the onset with the time at which the served version appeared."""
    served, onset = served_version(facts), facts.onset
    if served is None or onset is None:
        return None
    well = was_well_before(facts, served)
    if well is not None:
        return _ruled_out(facts, served, well, onset)
    former = _former(facts, served)
    if former is None or not (onset - _WINDOW <= served.since <= onset + _GRACE):
        return None
    return _cause(facts, served, former, onset)


def _ruled_out(facts: Facts, served: ServedVersion, well: Fact, onset: datetime) -> RuledOut:
    citations = [well.cite()]
    if well is not served.fact:
        citations.append(served.fact.cite())
    if hand_off := _hand_off(facts, onset):
        citations.append(hand_off.cite())
    seconds = max(well.amount("before_seconds"), (onset - served.since).total_seconds())
    return RuledOut(
        kind="release",
        title=f"The recent release (version {served.version})",
        reason=(
            f"Version {served.version} had been serving without this symptom for {seconds:.0f} s "
            f"when it began at {stamp(onset)}."
        ),
        citations=tuple(citations),
    )


def _cause(facts: Facts, served: ServedVersion, former: Fact, onset: datetime) -> Cause:
    hand_off = _hand_off(facts, onset)
    series = series_of(facts, served)
    change = facts.first("release_field", {"diff.release"})
    citations: list[Citation] = [served.fact.cite(), former.cite()]
    citations += [fact.cite() for fact in (series, hand_off, change) if fact]
    return Cause(
        kind="release",
        title=f"The release of version {served.version} brought it",
        explanation=(
            f"Version {served.version} was first seen serving at {stamp(served.since)}, the symptom began "
            f"at {stamp(onset)}. Version {former.text('version')} served before without it, and version "
            f"{served.version} was never seen without it."
        ),
        confidence=confidence(
            0.6, (series is not None, 0.1), (hand_off is not None, 0.15), (change is not None, 0.05)
        ),
        remediation=_remedies(facts, hand_off),
        citations=tuple(citations),
        found_by=ANALYST,
    )


def _remedies(facts: Facts, hand_off: Fact | None) -> tuple[Remedy, ...]:
    commit = hand_off.text("commit")[:12] if hand_off else "HAND_OFF"
    return (
        Remedy(text="Roll back: revert the hand-off and push.", command=f"git revert --no-edit {commit}"),
        Remedy(text="See what went into it.", command=f"homeostat delivery lineage {facts.model}"),
    )


def _former(facts: Facts, served: ServedVersion) -> Fact | None:
    """The version that served before, well as far as it was measured."""
    others = [
        fact
        for fact in facts.all("served_version")
        if fact.text("version") != served.version
        and fact.amount("first_seen") < served.fact.amount("first_seen")
    ]
    return max(others, key=lambda fact: fact.amount("last_seen"), default=None)


def _hand_off(facts: Facts, onset: datetime) -> Fact | None:
    """The last hand-off before the onset."""
    earlier = [fact for fact in facts.all("handoff") if fact.at and fact.at <= onset + _GRACE]
    return max(earlier, key=lambda fact: fact.at or onset, default=None)


SIGNATURE = Signature(
    kind="release",
    looks_for="a release that came shortly before the onset",
    symptoms=frozenset({Symptom.LATENCY, Symptom.ERRORS, Symptom.CONFIDENCE, Symptom.DOWN}),
    judge=judge,
)
