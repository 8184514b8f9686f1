"""Something was changed shortly before the trouble began: a rollout, an image, a limit, a configuration.

Closeness in time is all that it rests on, so it is claimed only where the change precedes the onset closely
and the same trouble was not there before; what says *how* the change broke it goes before it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from triage.analysts.analysis import Cause, Remedy, RuledOut
from triage.analysts.deterministic.calibration import BASES
from triage.analysts.deterministic.containers import MOST_TITLE
from triage.analysts.deterministic.facts import Fact, Facts, cited
from triage.analysts.deterministic.served import is_well_before, served_version
from triage.analysts.deterministic.signature import ANALYST, Signature, confidence
from triage.analysts.deterministic.wording import shortened
from triage.clock import stamp
from triage.commands import see_history
from triage.evidence.item import EvidenceKind
from triage.symptom import Symptom

#: what a change brings shows within this time
_WINDOW = timedelta(minutes=20)
#: samples and alerts lag; a change may seem to come a little after what it brought
_GRACE = timedelta(seconds=60)
#: of a change with no measured onset to hold against: alerts wait before they fire
_WAIT = timedelta(minutes=30)
_STARTED = re.compile(
    r"(?i)^(?=.*\b(?:started|starting|model loaded|listening|booting)\b).*"
    r"\bversion[\"']?[=: ]+[\"']?v?(?P<version>\d[\w.-]*)"
)
#: what a person or a tool wrote down about a change, with its time
_TOLD = re.compile(
    r"(?i)(?P<told>\b(?:image|version|release|config\w*|limits?|replicas?|deploy\w*|rollout)\b.{0,60}"
    r"\bfrom \S+ to \S+|\b(?:deployed|rolled out|rolling out"
    r"|helm upgrade|upgraded to|released)\b[^\"{}]{0,60}\d[\w.-]*)"
)
#: a new version of the program or the model
_RELEASES = frozenset({"release", "rollout", "image", "model"})
_SCALED = re.compile(r"Scaled up replica set (?P<set>[\w.-]+)")
#: a change of size follows trouble as often as it brings it
_TELLING = frozenset({"image", "config", "limit", "release", "rollout"})


@dataclass(frozen=True, slots=True)
class _Onset:
    """When the trouble began, and the line that says so where it was measured."""

    at: datetime
    fact: Fact | None


def judge(facts: Facts) -> Cause | RuledOut | None:
    """Hold the times of the changes against the onset."""
    dated = [one for one in _changes(facts) if one.at is not None]
    if any(is_well_before(series) for series in facts.all("latency_p95") if series.text("version")):
        # the version that is slow had been quick: a change of version did not bring it
        dated = [one for one in dated if not _is_release(one)]
    onset = _onset(facts)
    if not dated or onset is None:
        return None
    window = _WINDOW if onset.fact else _WAIT
    before = [one for one in dated if _time(one) <= onset.at + _GRACE]
    close = [one for one in before if _time(one) >= onset.at - window]
    if close:
        return _cause(max(close, key=lambda one: (_is_telling(one), _time(one))), onset, facts)
    latest = max(before, key=_time, default=None)
    if latest is None:
        return None
    return RuledOut(
        kind="change",
        title="A change shortly before the onset",
        reason=(
            f"The last change, at {stamp(_time(latest))}, came {_span(onset.at - _time(latest))} before it "
            f"began."
        ),
        citations=cited(latest, onset.fact),
    )


def _changes(facts: Facts) -> Sequence[Fact]:
    """Changes, and rollouts as the controllers note them."""
    rollouts = [one for one in facts.all("event") if _SCALED.search(one.text("message"))]
    # an undated change is told when by the version's own first words
    starts = facts.lines(_STARTED) if facts.first("change") else ()
    told = [one for one in facts.lines(_TOLD, frozenset(EvidenceKind)) if one.at is not None]
    # where it is measured which version served when, the release is judged by that
    hand_offs = () if served_version(facts) else facts.all("handoff")
    return [*facts.all("change"), *rollouts, *starts, *told, *hand_offs]


def _onset(facts: Facts) -> _Onset | None:
    """Measured, else the first complaint of the log, else when the alert began."""
    measured = [one for one in facts.all("series") if one.number("onset") is not None]
    if measured:
        worst = max(measured, key=_growth)
        return _Onset(worst.moment("onset"), worst)
    if facts.onset is not None:
        return _Onset(facts.onset, next((one for one in _series(facts) if one.number("onset")), None))
    said = [one for name in ("log.slow_requests", "log.failures") for one in facts.all(name) if one.at]
    if said:
        first = min(said, key=_time)
        return _Onset(_time(first), first)
    return None


def _series(facts: Facts) -> Sequence[Fact]:
    return [one for name in ("latency_p95", "error_ratio", "confidence", "up") for one in facts.all(name)]


def _growth(fact: Fact) -> float:
    before = fact.amount("before")
    return abs(fact.amount("after") - before) / (abs(before) + 1e-9)


def _time(fact: Fact) -> datetime:
    return fact.at or datetime.min.replace(tzinfo=UTC)


def _is_telling(fact: Fact) -> bool:
    return fact.text("what") in _TELLING or not fact.text("what")


def _is_release(change: Fact) -> bool:
    return not change.text("what") or change.text("what") in _RELEASES


def _cause(change: Fact, onset: _Onset, facts: Facts) -> Cause:
    what = _named(change)
    release = _is_release(change)
    mentioned = [
        one for one in facts.all("change") if one is not change and _is_telling(one) and one.text("to")
    ]
    measured = onset.fact is not None and onset.fact.number("before") is not None
    return Cause(
        kind="release" if release else "change",
        title=f"It began right after a {'release' if release else 'change'}: {what}",
        explanation=(
            f"The change, {what}, was at {stamp(_time(change))}; the trouble was first seen at "
            f"{stamp(onset.at)}, {_span(onset.at - _time(change))} later"
            + (", and was not there before." if measured else ". Closeness in time is all that shows it.")
        ),
        confidence=confidence(
            BASES["change"],
            (onset.fact is not None, 0.1),
            (_is_telling(change), 0.1),
            (abs(onset.at - _time(change)) <= timedelta(minutes=5), 0.05),
        ),
        remediation=(
            Remedy(text="See what the change was.", command=see_history(facts.case.scope)),
            Remedy(text="Revert its commit and push, if nothing speaks against it."),
        ),
        citations=cited(change, onset.fact, *mentioned[:2]),
        found_by=ANALYST,
    )


def _named(change: Fact) -> str:
    if change.observation.name == "handoff":
        return f"hand-off {change.text('commit')[:12]}"
    if change.observation.name == "event":
        found = _SCALED.search(change.text("message"))
        return f"rollout of replica set {found.group('set')}" if found else "a rollout"
    if change.text("told"):
        return shortened(change.text("told"), MOST_TITLE)
    if change.observation.name == "line":
        return f"start of version {change.text('version')}"
    of = f" of {change.text('object')}" if change.text("object") else ""
    was = f" from {change.text('from')}" if change.text("from") else ""
    now = f" to {change.text('to')}" if change.text("to") else ""
    return f"{change.text('what') or 'change'}{of}{was}{now}"


def _span(span: timedelta) -> str:
    seconds = max(0, round(span.total_seconds()))
    return f"{seconds} s" if seconds < 120 else f"{seconds // 60} min"


SIGNATURE = Signature(
    kind="change",
    looks_for="a change shortly before the onset",
    symptoms=frozenset({Symptom.LATENCY, Symptom.ERRORS, Symptom.DOWN, Symptom.CONTAINER}),
    judge=judge,
)
