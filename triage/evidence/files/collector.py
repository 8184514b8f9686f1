"""A folder of text files as evidence: one item a file, named as the file is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import structlog

from triage.clock import Clock
from triage.evidence.collector import Scope
from triage.evidence.drift.text import observe_drift
from triage.evidence.files.folder import read_folder
from triage.evidence.files.inferred import inferred, without_tables
from triage.evidence.files.measuring import Found, measuring, onset_of
from triage.evidence.files.reading import Reading, read
from triage.evidence.files.sections import Form
from triage.evidence.files.text_file import TextFile, original_line
from triage.evidence.item import EvidenceItem, EvidenceKind, EvidenceStatus, Line, Observation
from triage.evidence.pipeline.observe import observe_pipeline
from triage.evidence.tail import RawLine
from triage.symptom import Symptom

_log = structlog.stdlib.get_logger()

#: of a file that is no log, so many lines are shown beside those that something rests on
_MOST_LINES = 300
#: of one file; a cause needs a few
_MOST_OBSERVATIONS = 600
_PIPELINE = frozenset({Symptom.PIPELINE, Symptom.UNKNOWN, Symptom.DRIFT})
#: a log of more lines is searched for a pipeline's tools only where it looks like a pipeline's
_MOST_UNLIKELY = 2_000
#: of a run's log, so many lines are read, from its end: what a run dies of stands there
_MOST_OF_A_RUN = 100_000
#: what only a run of a pipeline, or one of its tools, prints
_RUN = re.compile(
    r"##\[(?:error|group|command)|::(?:error|group)|short test summary|test session starts|^Finished: [A-Z]+$"
    r"|^\[Pipeline\] |Running with gitlab-runner|^ERROR: Job failed"
)
_TELLING = re.compile(
    r"(?i)error|fail|denied|refus|killed|back-?off|unhealthy|timeout|exceed|missing|not found|invalid|evict"
    r"|pending|expired|insufficient|throttl|forbidden|critical|warning|panic|fatal"
)
#: what a run may die of is told of a running service too, where it means something else
_OF_RUNS_ALONE = frozenset({"trouble", "crash"})


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder that was read; what is made of it depends on the alert."""

    readings: Sequence[Reading]
    path: Path

    @property
    def latest(self) -> datetime | None:
        """The last moment that anything in it is of."""
        moments = [
            moment
            for reading in self.readings
            for moment in (reading.latest, reading.captured, *(one.at for one in reading.observations))
            if moment
        ]
        return max(moments, default=None)

    @property
    def observations(self) -> Iterable[Observation]:
        """What its files said, as far as one file says it alone."""
        return (one for reading in self.readings for one in reading.observations)

    def original(self, file: str, number: int) -> str:
        """A line as it stands in the file, with colours and secrets; only to be compared with."""
        if not any(reading.file.name == file for reading in self.readings):
            return ""
        return original_line(self.path / file, number)


def open_folder(path: Path) -> Folder:
    """Read every file of the folder.

    Raises:
        ConfigError: when there is no such folder, or no file in it.
    """
    return Folder([_read(file) for file in read_folder(path)], path)


def _read(file: TextFile) -> Reading:
    try:
        return read(file)
    except Exception:  # noqa: BLE001 - one file that no reader foresaw must not cost the whole report
        _log.exception("file_not_understood", file=file.name)
        return Reading(file, whole=list(file.lines))


class FolderCollector:
    """Brings what a person saved; it has no source to ask."""

    name = "files"

    def __init__(self, folder: Folder, clock: Clock) -> None:
        self._folder = folder
        self._clock = clock

    def collect(self, scope: Scope) -> Sequence[EvidenceItem]:
        """One item a file."""
        found = self._observed(scope)
        now = self._clock()
        items: list[EvidenceItem] = []
        for reading in self._folder.readings:
            name = reading.file.name
            own = [one for file, one in found if file == name][:_MOST_OBSERVATIONS]
            lines = _lines(reading, {one.line for one in own})
            items.append(_item(reading, lines, own, now))
        return items

    def _observed(self, scope: Scope) -> Sequence[tuple[str, Observation]]:
        readings = self._folder.readings
        captured = max((one.captured for one in readings if one.captured), default=None)
        said = [(reading.file.name, one) for reading in readings for one in reading.observations]
        events = [(reading.file.name, one) for reading in readings for one in reading.events]
        series = [Found(reading.file.name, one) for reading in readings for one in reading.series]
        # an event that says why comes before the description that says only what
        found = [*inferred(events, said), *said]
        found += [(file, event.observation(captured)) for file, event in events]
        found += measuring(series, onset_of(series, scope.symptom))
        if scope.symptom in _PIPELINE:
            found += [(one.file.name, seen) for one in readings for seen in _of_run(one, scope.symptom)]
        if scope.symptom is Symptom.DRIFT:
            found += [(one.file.name, seen) for one in readings for seen in _of_drift(one)]
        return without_tables(found)


def _of_run(reading: Reading, symptom: Symptom) -> Iterable[Observation]:
    """What a pipeline's tools said, where the file can be theirs."""
    if reading.forms and Form.TEXT not in reading.forms and Form.JSON not in reading.forms:
        return []
    lines = [_Unredacted(line) for line in reading.file.lines[-_MOST_OF_A_RUN:]]
    if symptom is Symptom.PIPELINE or any(_RUN.search(line.text) for line in lines):
        return observe_pipeline(lines)
    if len(lines) > _MOST_UNLIKELY:
        return []
    return [one for one in observe_pipeline(lines) if one.name not in _OF_RUNS_ALONE]


def _of_drift(reading: Reading) -> Iterable[Observation]:
    """The statistics that a report of drift tells."""
    return observe_drift([_Unredacted(line) for line in reading.file.lines])


class _Unredacted:
    """A line as it is read; of what is understood from it, the gathering lets nothing pass unredacted."""

    __slots__ = ("number", "text")

    def __init__(self, line: RawLine) -> None:
        self.number = line.number
        self.text = line.raw


def _lines(reading: Reading, observed: set[int]) -> Sequence[Line]:
    """The folded lines of logs, all of what is short, and every line that something rests on."""
    shown = {line.number: line for line in reading.folded}
    whole = reading.whole
    if len(whole) > _MOST_LINES:
        ends = _MOST_LINES // 4
        telling = [line for line in whole if _TELLING.search(line.raw)]
        whole = [*whole[:ends], *telling[: 2 * ends], *whole[-ends:]]
    for line in whole:
        if line.raw.strip() and line.number not in shown:
            shown[line.number] = Line(number=line.number, text=line.text)
    first = reading.file.lines[0].number if reading.file.lines else 1
    for number in observed - shown.keys():
        if 0 <= number - first < len(reading.file.lines):
            line = reading.file.lines[number - first]
            shown[number] = Line(number=number, text=line.text)
    return [shown[number] for number in sorted(shown)]


def _item(
    reading: Reading, lines: Sequence[Line], observations: Sequence[Observation], now: datetime
) -> EvidenceItem:
    file = reading.file
    status = file.status
    of = len(file.lines)
    notes = [file.note] if file.note else []
    if status is EvidenceStatus.OK and len(lines) < of:
        notes.append(f"{len(lines)} of {of} lines")
    return EvidenceItem(
        id=file.name,
        source=f"file {file.name}",
        kind=reading.kind if status is EvidenceStatus.OK else EvidenceKind.RUNTIME,
        collected_at=now,
        status=status,
        note="; ".join(notes),
        lines=tuple(lines),
        observations=tuple(observations),
    )
