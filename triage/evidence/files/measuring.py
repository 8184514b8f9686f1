"""Observations of measured series: each as ``series``, and as what triage's own query would have shown.

They are made when all files are read, since the onset of the alert's own series splits all others too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from triage.evidence.files.measured import Measured
from triage.evidence.files.metric_names import is_throttling, query_of
from triage.evidence.item import Observation
from triage.evidence.prometheus import Series
from triage.evidence.series_text import observation_of
from triage.evidence.shift import Direction, Sample, find_shift
from triage.symptom import Symptom

#: which query tells the onset of which symptom, and which way it goes; an unknown one has all of them
_HEADLINES: Mapping[Symptom, Sequence[tuple[str, Direction]]] = {
    Symptom.LATENCY: (("latency_p95", Direction.UP),),
    Symptom.ERRORS: (("error_ratio", Direction.UP),),
    Symptom.DOWN: (("up", Direction.DOWN),),
    Symptom.TARGET: (("up", Direction.DOWN),),
    Symptom.CONFIDENCE: (("confidence", Direction.ANY),),
    Symptom.CONTAINER: (("memory", Direction.UP),),
    Symptom.VOLUME: (("volume_free", Direction.DOWN),),
}
_ANY = tuple(pair for pairs in _HEADLINES.values() for pair in pairs)
_MOST_SERIES = 60
_STATUS = ("status", "code", "status_code", "http_status", "response_code")


@dataclass(frozen=True, slots=True)
class Found:
    """A series and the file that holds it."""

    file: str
    series: Measured


def onset_of(found: Sequence[Found], symptom: Symptom) -> float | None:
    """When the alert's own series changed, in seconds since the epoch."""
    for name, direction in _HEADLINES.get(symptom, _ANY):
        for one in found:
            if not one.series.is_exposed and query_of(one.series, one.file) == name:
                shift = find_shift(_one_story(one.series.samples), direction)
                if shift:
                    return shift.at
    return None


def _one_story(samples: Sequence[Sample]) -> Sequence[Sample]:
    return sorted(samples, key=lambda sample: sample.at)


def measuring(found: Sequence[Found], onset: float | None) -> Iterable[tuple[str, Observation]]:
    """The observations, each with the file that it rests on."""
    ranges = [one for one in found if not one.series.is_exposed]
    for one in ranges[:_MOST_SERIES]:
        for observation in _of_range(one, onset):
            yield one.file, observation
    exposed = [one for one in found if one.series.is_exposed]
    for one in exposed:
        for observation in _of_exposed(one):
            yield one.file, observation
    for file in dict.fromkeys(one.file for one in exposed):
        mine = [one.series for one in exposed if one.file == file]
        for observation in (*_shares(mine), *_throttling(mine), *_free(mine)):
            yield file, observation


def _of_range(one: Found, onset: float | None) -> Iterable[Observation]:
    measured = one.series
    samples = tuple(_one_story(measured.samples))
    shift = find_shift(samples)
    split = onset if onset is not None else (shift.at if shift else None)
    # without a change the end of a series says as much as any sample
    line = measured.line_at(shift.at if shift else samples[-1].at)
    series = Series(measured.labels, samples)
    name = query_of(measured, one.file)
    known = observation_of(name or "series", series, onset, line)
    if name:
        yield _with_side(known)
    told = observation_of("series", series, split, line)
    texts = {"metric": measured.metric or measured.heading or one.file, **measured.labels}
    yield told.model_copy(update={"texts": texts, "numbers": {**told.numbers, "last": samples[-1].value}})
    if is_throttling(measured, one.file):
        highest = max(sample.value for sample in samples)
        yield Observation(
            name="throttling",
            line=line,
            at=told.at,
            numbers={"ratio": highest},
            texts=_place(measured.labels),
        )


def _with_side(observation: Observation) -> Observation:
    """A share of errors without a class is of the server's own."""
    if observation.name != "error_ratio" or observation.texts.get("side"):
        return observation
    status = next((observation.texts[key] for key in _STATUS if observation.texts.get(key)), "5xx")
    return observation.model_copy(update={"texts": {**observation.texts, "side": f"{status[:1]}xx"}})


def _of_exposed(one: Found) -> Iterable[Observation]:
    """Of what a process exposes at one instant, only what needs no second look."""
    series = one.series
    name = series.metric
    value, line = series.samples[0].value, series.rows[0]
    if name.endswith("_model_info") and series.labels.get("version"):
        yield Observation(name="served_version", line=line, texts=dict(series.labels))
    if name == "up":
        yield Observation(
            name="up", line=line, numbers={"after": value, "highest": value}, texts=series.labels
        )
    if name == "container_oom_events_total" and value > 0:
        yield Observation(
            name="oom_kills", line=line, numbers={"after": value, "highest": value}, texts=series.labels
        )


def _shares(exposed: Sequence[Measured]) -> Iterable[Observation]:
    """The share of each class of failed requests in a counter of requests by status."""
    counters: dict[str, list[tuple[str, Measured]]] = {}
    for one in exposed:
        status = next((one.labels[key] for key in _STATUS if one.labels.get(key)), "")
        if one.metric.endswith("_total") and status[:1].isdecimal() and len(status) == 3:
            counters.setdefault(one.metric, []).append((status, one))
    for of_metric in counters.values():
        whole = sum(one.samples[0].value for _, one in of_metric)
        for side in ("4", "5"):
            failed = [one for status, one in of_metric if status.startswith(side)]
            if whole > 0 and failed:
                share = sum(one.samples[0].value for one in failed) / whole
                most = max(failed, key=lambda one: one.samples[0].value)
                numbers = {"after": share, "highest": share}
                yield Observation(
                    name="error_ratio", line=most.rows[0], numbers=numbers, texts={"side": f"{side}xx"}
                )


def _throttling(exposed: Sequence[Measured]) -> Iterable[Observation]:
    """Periods in which a container was refused CPU, of all its periods."""
    periods = {_key(one): one for one in exposed if one.metric == "container_cpu_cfs_periods_total"}
    for one in exposed:
        if one.metric == "container_cpu_cfs_throttled_periods_total":
            whole = periods.get(_key(one))
            if whole and whole.samples[0].value > 0:
                ratio = one.samples[0].value / whole.samples[0].value
                yield Observation(
                    name="throttling", line=one.rows[0], numbers={"ratio": ratio}, texts=_place(one.labels)
                )


def _free(exposed: Sequence[Measured]) -> Iterable[Observation]:
    """The free share of each volume."""
    sizes = {_key(one): one for one in exposed if one.metric == "kubelet_volume_stats_capacity_bytes"}
    for one in exposed:
        if one.metric == "kubelet_volume_stats_available_bytes":
            size = sizes.get(_key(one))
            if size and size.samples[0].value > 0:
                share = one.samples[0].value / size.samples[0].value
                yield Observation(
                    name="volume_free", line=one.rows[0], numbers={"after": share}, texts=one.labels
                )


def _key(series: Measured) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(series.labels.items()))


def _place(labels: Mapping[str, str]) -> Mapping[str, str]:
    return {name: labels.get(name, "") for name in ("pod", "container")}
