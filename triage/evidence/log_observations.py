"""What code can read from a service's log: slow requests, failures, restarts and the last words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from statistics import median
from typing import Any, cast

from triage.evidence.folding import Entry
from triage.evidence.item import Observation
from triage.evidence.log_record import ACCESS
from triage.evidence.overheard import cleared

_LONGEST_SECONDS = 86_400
_MOST_CHARACTERS = 600
#: a request that was not answered well: as the model server says it, and in the log of a web server
_FAILED = frozenset({"request_failed", ACCESS})
#: of the shapes of errors, this many by their number, and this many of those that came last
_MOST_FREQUENT, _MOST_RECENT = 3, 2


def observe(entries: Sequence[Entry], shown: AbstractSet[int]) -> Iterable[Observation]:
    """Observations that rest on lines which are ``shown``, since only those can be cited."""
    return cleared(_observed(entries, shown), (entry.line for entry in entries))


def _observed(entries: Sequence[Entry], shown: AbstractSet[int]) -> Iterable[Observation]:
    yield from _slow_requests(entries, shown)
    yield from _failures(entries, shown)
    yield from _loads(entries, shown)
    yield from _complaints(entries, shown)
    yield from _last_words(entries, shown)


def _slow_requests(entries: Sequence[Entry], shown: AbstractSet[int]) -> Iterable[Observation]:
    slow = [entry for entry in entries if _named(entry, "slow_request")]
    cited = next((entry for entry in slow if entry.line.number in shown), None)
    if cited is None:
        return
    numbers: dict[str, float] = {"count": float(len(slow))}
    for phase in ("decode", "predict", "encode"):
        seconds = [value for entry in slow if (value := _phase(entry.record.fields, phase)) is not None]
        if seconds:
            numbers[phase] = median(seconds)
    yield Observation(name="log.slow_requests", line=cited.line.number, at=slow[0].at, numbers=numbers)


def _named(entry: Entry, event: str) -> bool:
    """Whether the line tells of that event, in one word or in several."""
    said = entry.record.event
    return said == event or (len(said) == len(event) and said.replace(" ", "_").lower() == event)


def _phase(fields: Mapping[str, Any], phase: str) -> float | None:
    phases = fields.get("phases")
    if isinstance(phases, dict):
        value = cast("dict[str, object]", phases).get(phase)
    else:
        value = _number(fields.get(f"{phase}_seconds"))
    # a log may hold any number; one that is no duration must not spoil the others
    return float(value) if isinstance(value, int | float) and 0 <= value <= _LONGEST_SECONDS else None


def _number(value: object) -> object:
    """Logfmt knows no numbers, so they come as text."""
    try:
        return float(value) if isinstance(value, str) else value
    except ValueError:
        return None


def _failures(entries: Sequence[Entry], shown: AbstractSet[int]) -> Iterable[Observation]:
    """Failed requests by status class, each with its most frequent error."""
    failed = [entry for entry in entries if entry.record.event in _FAILED]
    for side in ("4", "5"):
        of_side = [entry for entry in failed if str(entry.record.fields.get("status", "")).startswith(side)]
        counts = Counter(_error(entry) for entry in of_side)
        if not counts:
            continue
        error, most = counts.most_common(1)[0]
        cited = next((e for e in of_side if e.line.number in shown and _error(e) == error), None)
        if cited:
            yield Observation(
                name="log.failures",
                line=cited.line.number,
                at=of_side[0].at,
                numbers={"count": float(len(of_side)), "most": float(most)},
                texts={"side": f"{side}xx", "error": error},
            )


def _error(entry: Entry) -> str:
    return str(entry.record.fields.get("error") or "no error text")


def _loads(entries: Sequence[Entry], shown: AbstractSet[int]) -> Iterable[Observation]:
    for entry in entries:
        if _named(entry, "model_loaded") and entry.line.number in shown:
            version = str(entry.record.fields.get("version", "?"))
            yield Observation(
                name="log.model_loaded", line=entry.line.number, at=entry.at, texts={"version": version}
            )


def _complaints(entries: Sequence[Entry], shown: AbstractSet[int]) -> Iterable[Observation]:
    """The most frequent shapes of errors that are not failed requests, and those that came last."""
    severe = [e for e in entries if e.record.is_severe and e.record.event not in _FAILED]
    shapes: dict[str, list[Entry]] = {}
    for entry in severe:
        shapes.setdefault(entry.record.template, []).append(entry)
    frequent = sorted(shapes, key=lambda shape: -len(shapes[shape]))[:_MOST_FREQUENT]
    recent = sorted(shapes, key=lambda shape: -shapes[shape][-1].line.number)[:_MOST_RECENT]
    for shape in dict.fromkeys((*frequent, *recent)):
        alike = shapes[shape]
        cited = next((entry for entry in reversed(alike) if entry.line.number in shown), None)
        if cited:
            yield Observation(
                name="log.errors",
                line=cited.line.number,
                at=alike[0].at,
                numbers={"count": float(len(alike))},
                texts={"error": cited.record.words[:_MOST_CHARACTERS], **_source(cited)},
            )


def _source(entry: Entry) -> Mapping[str, str]:
    """Which container says it, where the line names it."""
    said = {name: entry.record.fields.get(name) for name in ("pod", "container")}
    return {name: text for name, text in said.items() if isinstance(text, str)}


def _last_words(entries: Sequence[Entry], shown: AbstractSet[int]) -> Iterable[Observation]:
    last = entries[-1]
    if last.line.number in shown:
        said = {"text": last.line.text.strip(), **_source(last)}
        yield Observation(name="log.last_line", line=last.line.number, at=last.at, texts=said)
