"""A metric's series as numbered lines and observations: its level before and after the onset."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from statistics import median

from triage.clock import stamp
from triage.evidence.item import Line, Observation
from triage.evidence.prometheus import Series
from triage.evidence.queries import Query
from triage.evidence.shift import Sample, find_shift

_MOST_SERIES = 8
#: samples right before the onset: what the system still coped with
_JUST_BEFORE = 5


def describe(
    query: Query, promql: str, series: Sequence[Series], onset: float | None
) -> tuple[Sequence[Line], Sequence[Observation]]:
    """The lines of one query's item, the query itself first."""
    texts = [f"query: {promql}"]
    observations: list[Observation] = []
    for one in sorted(series, key=_level, reverse=True)[:_MOST_SERIES]:
        if one.samples:
            texts.append(_sentence(query, one, onset))
            observations.append(observation_of(query.name, one, onset, len(texts)))
    if len(series) > _MOST_SERIES:
        texts.append(f"{len(series) - _MOST_SERIES} more series are not shown")
    lines = [Line(number=number, text=text) for number, text in enumerate(texts, start=1)]
    return lines, observations


def _level(series: Series) -> float:
    return median(sample.value for sample in series.samples[-10:]) if series.samples else 0.0


def _sentence(query: Query, series: Series, onset: float | None) -> str:
    first, last = series.samples[0], series.samples[-1]
    seen = f"from {_time(first.at)} to {_time(last.at)}"
    if all(sample.value == first.value for sample in series.samples):
        return f"{_name(query, series)}: {_amount(query, first.value)} throughout, {seen}"
    before, after = _split(series.samples, onset)
    parts: list[str] = []
    if onset is not None and before:
        parts.append(
            f"median {_amount(query, _median(before))} in the {_span(before)} before {_time(onset)}"
            f" ({_amount(query, _median(before[-_JUST_BEFORE:]))} right before)"
        )
    if after:
        when = f" in the {_span(after)} from {_time(onset)} on" if onset is not None else ""
        top = max(after, key=lambda sample: sample.value)
        parts.append(f"median {_amount(query, _median(after))}{when}")
        parts.append(f"highest {_amount(query, top.value)} at {_time(top.at)}")
    elif onset is not None:
        parts.append("no samples after it")
    return f"{_name(query, series)}: {', '.join(parts)}; seen {seen}"


def observation_of(name: str, series: Series, onset: float | None, line: int) -> Observation:
    """The series' level before and from the onset on, as numbers of an observation called ``name``."""
    before, after = _split(series.samples, onset)
    numbers = {"first_seen": series.samples[0].at, "last_seen": series.samples[-1].at}
    if onset is not None:
        numbers["onset"] = onset
    if before:
        numbers["before"] = _median(before)
        numbers["just_before"] = _median(before[-_JUST_BEFORE:])
        numbers["before_seconds"] = before[-1].at - before[0].at
    if after:
        numbers["after"] = _median(after)
        numbers["highest"] = max(sample.value for sample in after)
    shift = find_shift(series.samples)
    if shift:
        numbers |= {"shift_before": shift.before, "shift_after": shift.after}
    return Observation(
        name=name,
        line=line,
        at=datetime.fromtimestamp(shift.at, UTC) if shift else None,
        numbers=numbers,
        texts=dict(series.labels),
    )


def _split(samples: Sequence[Sample], onset: float | None) -> tuple[Sequence[Sample], Sequence[Sample]]:
    """Before and from the onset on; without an onset everything is 'after'."""
    if onset is None:
        return (), samples
    return [s for s in samples if s.at < onset], [s for s in samples if s.at >= onset]


def _median(samples: Iterable[Sample]) -> float:
    return median(sample.value for sample in samples)


def _name(query: Query, series: Series) -> str:
    labels = ", ".join(f"{name}={value[:12]}" for name, value in sorted(series.labels.items()))
    return f"{query.title} ({labels})" if labels else query.title


def _amount(query: Query, value: float) -> str:
    return f"{value:.4g} {query.unit}".strip()


def _span(samples: Sequence[Sample]) -> str:
    return f"{samples[-1].at - samples[0].at:.0f} s"


def _time(at: float) -> str:
    return stamp(datetime.fromtimestamp(at, UTC))
