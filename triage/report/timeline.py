"""When what happened: the alerts' own moments, and those that a line of evidence dates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from triage.alert import AlertStatus
from triage.analysts.analysis import Citation
from triage.analysts.citations import problem_with
from triage.evidence.item import EvidenceItem, Observation
from triage.incident import Incident
from triage.report.document import MomentKind, TimelineMoment

_MOST = 40
#: of the alerts' own moments: the first tell how it began, the last where it stands
_MOST_OF_ALERTS = 16
_MOST_CHARACTERS = 240
#: what happened longer before the incident is rarely its cause; the last change is shown whenever it was
_BEFORE = timedelta(hours=24)
_SKEW = timedelta(minutes=5)

#: wording of an observation, from its texts and the line that it rests on
_Words = Callable[[Mapping[str, str], str], str]

_LINE: _Words = lambda _texts, line: line  # noqa: E731 - a row of the table below

_DATED: Mapping[str, tuple[MomentKind, _Words]] = {
    "handoff": (MomentKind.CHANGE, lambda texts, _: f"Hand-off {texts.get('commit', '')[:12]} was committed"),
    "change": (MomentKind.CHANGE, _LINE),
    "workload.replica_set": (
        MomentKind.ROLLOUT,
        lambda texts, _: (
            f"Deployment {texts.get('deployment', '?')} got a new ReplicaSet: {texts.get('image', '')}"
        ),
    ),
    "app.deployed": (
        MomentKind.ROLLOUT,
        lambda texts, _: f"Argo CD deployed revision {texts.get('revision', '?')[:12]}",
    ),
    "app.operation": (
        MomentKind.ROLLOUT,
        lambda texts, _: f"Argo CD's sync: {texts.get('phase') or 'unknown'}",
    ),
    "log.model_loaded": (
        MomentKind.RESTART,
        lambda texts, _: f"The model server loaded version {texts.get('version', '?')}",
    ),
    "pod.running": (
        MomentKind.RESTART,
        lambda texts, _: f"Container {texts.get('container', '?')} of {texts.get('pod', '?')} began to run",
    ),
    "pod.terminated": (
        MomentKind.RESTART,
        lambda texts, _: (
            f"Container {texts.get('container', '?')} of {texts.get('pod', '?')} ended: "
            f"{texts.get('reason') or 'no reason given'}"
        ),
    ),
    "log.failures": (
        MomentKind.EVENT,
        lambda texts, _: f"Requests began to fail with {texts.get('side', '?')}: {texts.get('error', '')}",
    ),
    "log.errors": (MomentKind.EVENT, lambda texts, _: f"First error of its shape: {texts.get('error', '')}"),
    "log.slow_requests": (MomentKind.EVENT, lambda _texts, _line: "First slow request"),
}
_CHANGES = frozenset({MomentKind.CHANGE, MomentKind.ROLLOUT})
#: what is shown when there is no room for all
_LEAST_TELLING = MomentKind.EVENT


def timeline(incident: Incident, evidence: Sequence[EvidenceItem]) -> tuple[TimelineMoment, ...]:
    """Everything with a time, in order; every claim about the system cites the line that says so."""
    dated = [*_onset(evidence), *_served_versions(evidence), *_observed(evidence)]
    return _ordered([*alert_moments(incident), *_near(dated, incident)])


def with_present_alerts(former: Sequence[TimelineMoment], incident: Incident) -> tuple[TimelineMoment, ...]:
    """The same timeline with what the alerts say now."""
    cited = [moment for moment in former if moment.citations]
    return _ordered([*alert_moments(incident), *cited])


def alert_moments(incident: Incident) -> Sequence[TimelineMoment]:
    """When alerts began and ended; those of one name and moment are one."""
    starts = {(one.fingerprint, one.starts_at): one.name for one in incident.alerts}
    ends = {
        (one.fingerprint, one.ends_at): one.name
        for one in incident.alerts
        if one.status is AlertStatus.RESOLVED and one.ends_at
    }
    moments = _alert_moments(starts, MomentKind.ALERT, "began to fire")
    moments += _alert_moments(ends, MomentKind.RESOLVED, "was resolved")
    moments.sort(key=lambda moment: moment.at)
    if len(moments) <= _MOST_OF_ALERTS:
        return moments
    half = _MOST_OF_ALERTS // 2
    return [*moments[:half], *moments[-half:]]


def _alert_moments(
    names: Mapping[tuple[str, datetime], str], kind: MomentKind, verb: str
) -> list[TimelineMoment]:
    counts = Counter((at, name) for (_, at), name in names.items())
    return [
        TimelineMoment(at=at, kind=kind, text=f"{name} {verb}" + (f" ({count} alerts)" if count > 1 else ""))
        for (at, name), count in counts.items()
    ]


def onset_of(evidence: Iterable[EvidenceItem]) -> tuple[EvidenceItem, Observation, datetime] | None:
    """When the alert's own series changed, and what says so."""
    for item in evidence:
        for seen in item.observations:
            if (at := _moment(seen.numbers.get("onset"))) is not None:
                return item, seen, at
    return None


def _onset(evidence: Sequence[EvidenceItem]) -> Iterable[TimelineMoment]:
    if found := onset_of(evidence):
        item, seen, at = found
        what = item.source.removeprefix("Prometheus: ")
        yield from _cited(at, MomentKind.ONSET, f"The metrics changed: {what}", item, seen.line)


def _served_versions(evidence: Sequence[EvidenceItem]) -> Iterable[TimelineMoment]:
    """A version that appears after another one was served already is a rollout."""
    for item in evidence:
        seen = [one for one in item.observations if one.name == "served_version"]
        firsts = {one.line: _moment(one.numbers.get("first_seen")) for one in seen}
        known = [at for at in firsts.values() if at is not None]
        for one in seen:
            at = firsts[one.line]
            if at is not None and at > min(known):
                text = f"Version {one.texts.get('version', '?')} began to be served"
                yield from _cited(at, MomentKind.ROLLOUT, text, item, one.line)


def _observed(evidence: Sequence[EvidenceItem]) -> Iterable[TimelineMoment]:
    for item in evidence:
        for seen in item.observations:
            line = item.text_of(seen.line)
            if seen.at is None or line is None:
                continue
            if seen.name == "event" and seen.texts.get("type", "Warning") == "Warning":
                yield from _cited(seen.at, MomentKind.EVENT, _event(seen, line), item, seen.line)
            elif seen.name in _DATED:
                kind, words = _DATED[seen.name]
                if seen.name == "change" and seen.texts.get("what") in {"rollout", "release", "image"}:
                    kind = MomentKind.ROLLOUT
                yield from _cited(seen.at, kind, words(seen.texts, line), item, seen.line)


def _event(seen: Observation, line: str) -> str:
    texts = seen.texts
    if not texts.get("reason"):
        return line
    return (
        f"{texts['reason']} of {texts.get('kind', '')} {texts.get('object', '?')}: {texts.get('message', '')}"
    )


def _cited(
    at: datetime, kind: MomentKind, text: str, item: EvidenceItem, number: int
) -> Iterable[TimelineMoment]:
    """The moment, unless its line can't be cited."""
    quote = item.text_of(number)
    if not quote:
        return
    citation = Citation(evidence=item.id, line=number, quote=quote)
    if problem_with(citation, [item]) is None:
        flat = " ".join(text.split())
        cut = flat if len(flat) <= _MOST_CHARACTERS else f"{flat[:_MOST_CHARACTERS]} ..."
        yield TimelineMoment(at=at, kind=kind, text=cut, citations=(citation,))


def _near(moments: Sequence[TimelineMoment], incident: Incident) -> Iterable[TimelineMoment]:
    """Those that can have to do with the incident."""
    earliest = incident.started_at - _BEFORE
    latest = incident.resolved_at + _SKEW if incident.resolved_at else None
    changes = [one for one in moments if one.kind in _CHANGES and one.at <= incident.started_at]
    last_change = max(changes, key=lambda one: one.at, default=None)
    for moment in moments:
        in_time = moment.at >= earliest and (latest is None or moment.at <= latest)
        if in_time or moment is last_change:
            yield moment


def _ordered(moments: Iterable[TimelineMoment]) -> tuple[TimelineMoment, ...]:
    different = list({(one.at, one.kind, one.text): one for one in moments}.values())
    telling = [one for one in different if one.kind is not _LEAST_TELLING][:_MOST]
    rest = sorted((one for one in different if one.kind is _LEAST_TELLING), key=lambda one: one.at)
    return tuple(sorted([*telling, *rest[: _MOST - len(telling)]], key=lambda one: one.at))


def _moment(at: float | None) -> datetime | None:
    """Seconds since the epoch as a time; evidence may hold any number."""
    if at is None:
        return None
    try:
        return datetime.fromtimestamp(at, UTC)
    except (ValueError, OverflowError, OSError):
        return None
