"""What the metrics say: each query's level before and after the onset of the alert's own series."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from triage.clock import Clock
from triage.evidence.collector import Scope
from triage.evidence.item import EvidenceItem, EvidenceKind, EvidenceStatus, Point
from triage.evidence.prometheus import Prometheus, PrometheusTimeout, PrometheusUnavailable, Series
from triage.evidence.queries import Query, queries_for
from triage.evidence.series_text import describe
from triage.evidence.shift import Direction, Sample, find_shift
from triage.symptom import Symptom

_MOST_SAMPLES = 400
_PLOT_POINTS = 160
_PLOTTED = frozenset({"latency_p95", "error_ratio", "request_rate"})
#: which way the alert's own series goes when things get worse
_WRONG_WAY = {Symptom.LATENCY: Direction.UP, Symptom.ERRORS: Direction.UP, Symptom.DOWN: Direction.DOWN}

#: a shift of confidence is averaged over an hour before it is an alert, so its onset lies further back
_SLOW_TO_SHOW = {Symptom.CONFIDENCE: 6}


@dataclass(frozen=True, slots=True)
class _Asked:
    query: Query
    promql: str
    series: Sequence[Series] = ()
    failure: PrometheusUnavailable | None = None


class MetricsCollector:
    """Asks Prometheus the queries that the class of the alert needs."""

    name = "metrics"

    def __init__(
        self, prometheus: Prometheus, lookback: timedelta, rate_window_seconds: float, clock: Clock
    ) -> None:
        self._prometheus = prometheus
        self._lookback = lookback
        self._rate_window_seconds = rate_window_seconds
        self._clock = clock

    def collect(self, scope: Scope) -> Sequence[EvidenceItem]:
        """One item a query. Once Prometheus is found unreachable it is not asked again."""
        asked: list[_Asked] = []
        failure: PrometheusUnavailable | None = None
        for query in queries_for(scope.symptom):
            promql = query.promql(scope, self._rate_window_seconds)
            if promql is not None:
                asked.append(
                    _Asked(query, promql, failure=failure) if failure else self._ask(query, promql, scope)
                )
                failure = asked[-1].failure
        onset = _onset(asked, scope)
        return [self._item(one, onset) for one in asked]

    def _ask(self, query: Query, promql: str, scope: Scope) -> _Asked:
        lookback = self._lookback * _SLOW_TO_SHOW.get(scope.symptom, 1)
        start = (scope.starts_at - lookback).timestamp()
        end = scope.until.timestamp()
        step = max(2.0, (end - start) / _MOST_SAMPLES)
        try:
            return _Asked(query, promql, self._prometheus.range(promql, start, end, step))
        except PrometheusUnavailable as failure:
            return _Asked(query, promql, failure=failure)

    def _item(self, asked: _Asked, onset: float | None) -> EvidenceItem:
        lines, observations = describe(asked.query, asked.promql, asked.series, onset)
        return EvidenceItem(
            id=f"metric.{asked.query.name}",
            source=f"Prometheus: {asked.query.title}",
            kind=EvidenceKind.RUNTIME,
            collected_at=self._clock(),
            status=_status(asked, bool(observations)),
            note=str(asked.failure or ("" if observations else "no samples in the window")),
            lines=tuple(lines),
            observations=tuple(observations),
            points=_points(asked) if asked.query.name in _PLOTTED else (),
        )


def _status(asked: _Asked, has_samples: bool) -> EvidenceStatus:  # noqa: FBT001 - a fact, not a switch
    if asked.failure:
        late = isinstance(asked.failure, PrometheusTimeout)
        return EvidenceStatus.TIMEOUT if late else EvidenceStatus.ERROR
    return EvidenceStatus.OK if has_samples else EvidenceStatus.EMPTY


def _onset(asked: Sequence[_Asked], scope: Scope) -> float | None:
    """When the alert's own series changed; the versions' series are one story, told by the highest."""
    headline = next((one for one in asked if scope.symptom in one.query.headline), None)
    if headline is None:
        return None
    samples = _highest(headline.series)
    shift = find_shift(samples, _WRONG_WAY.get(scope.symptom, Direction.ANY))
    if shift:
        return shift.at
    # a service that never failed has no error series at all: its first sample is the onset
    appeared = scope.symptom is Symptom.ERRORS and samples and samples[0].value > 0
    return samples[0].at if appeared else None


def _highest(series: Sequence[Series]) -> Sequence[Sample]:
    highest: dict[float, float] = {}
    for one in series:
        for sample in one.samples:
            highest[sample.at] = max(sample.value, highest.get(sample.at, sample.value))
    return [Sample(at, value) for at, value in sorted(highest.items())]


def _points(asked: _Asked) -> tuple[Point, ...]:
    samples = _highest(asked.series)
    stride = max(1, len(samples) // _PLOT_POINTS)
    return tuple(Point(at=datetime.fromtimestamp(s.at, UTC), value=s.value) for s in samples[::stride])
