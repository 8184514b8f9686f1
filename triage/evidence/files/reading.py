"""From one text file to what it says: its sections, each read in its own form."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from triage.evidence.files.argocd_text import application_observations
from triage.evidence.files.block_yaml import read_yaml
from triage.evidence.files.changes import changes_of_diff, changes_of_rollout
from triage.evidence.files.description import describe
from triage.evidence.files.event_text import NotedEvent, events_of_table, is_event_header
from triage.evidence.files.log_text import read_log, whose
from triage.evidence.files.measured import Measured, of_answer, of_exposition, of_promtool, of_table
from triage.evidence.files.object_table import observations_of_table
from triage.evidence.files.objects import is_object, object_observations
from triage.evidence.files.sections import Form, Section, sections
from triage.evidence.files.table import rows
from triage.evidence.files.text_file import TextFile
from triage.evidence.folding import Entry, folded
from triage.evidence.item import EvidenceKind, Line, Observation
from triage.evidence.log_observations import observe
from triage.evidence.tail import RawLine

#: of a log, so many lines are shown after folding
_MOST_OF_A_LOG = 160
#: of a text's lines, so many are read, from its end; 5 MB of a log are far fewer
_MOST_OF_TEXT = 150_000
#: a manifest larger than that is read no further
_MOST_OF_YAML = 30_000
_CHANGES = frozenset({Form.DIFF, Form.ROLLOUT})


@dataclass(slots=True)
class Reading:
    """What a file said so far."""

    file: TextFile
    observations: list[Observation] = field(default_factory=list[Observation])
    events: list[NotedEvent] = field(default_factory=list[NotedEvent])
    series: list[Measured] = field(default_factory=list[Measured])
    #: lines of logs, folded; None as long as no section is a log
    folded: list[Line] = field(default_factory=list[Line])
    #: lines that are kept whole
    whole: list[RawLine] = field(default_factory=list[RawLine])
    captured: datetime | None = None
    latest: datetime | None = None
    forms: set[Form] = field(default_factory=set[Form])

    @property
    def kind(self) -> EvidenceKind:
        """A file that holds nothing but changes shows nothing of what happened."""
        return EvidenceKind.CHANGE if self.forms and self.forms <= _CHANGES else EvidenceKind.RUNTIME


def read(file: TextFile) -> Reading:
    """Read the whole file."""
    reading = Reading(file)
    texts: list[Section] = []
    for section in sections(file.lines):
        if section.form is Form.TEXT:
            texts.append(section)
        elif _structured(reading, section):
            reading.forms.add(section.form)
            reading.whole += section.lines
        else:
            texts.append(Section(Form.TEXT, section.lines, section.heading))
    for heading in dict.fromkeys(section.heading for section in texts):
        _text(reading, [section for section in texts if section.heading == heading], heading)
    return reading


def _structured(reading: Reading, section: Section) -> bool:
    """Read a section of a known form; False when it turns out to be none."""
    return _READERS[section.form](reading, section)


def _yaml(reading: Reading, section: Section) -> bool:
    reading.observations += object_observations(read_yaml(section.lines[:_MOST_OF_YAML]))
    return True


def _diff(reading: Reading, section: Section) -> bool:
    reading.observations += changes_of_diff(section.lines)
    return True


def _rollout(reading: Reading, section: Section) -> bool:
    reading.observations += changes_of_rollout(section.lines)
    return True


def _exposition(reading: Reading, section: Section) -> bool:
    reading.series += of_exposition(section.lines, section.heading)
    return True


def _query(reading: Reading, section: Section) -> bool:
    reading.series += of_promtool(section.lines, section.heading)
    return True


def _application(reading: Reading, section: Section) -> bool:
    reading.observations += application_observations(section.lines)
    return True


def _description(reading: Reading, section: Section) -> bool:
    described = describe(section.lines)
    reading.observations += object_observations(described.object)
    reading.events += described.events
    reading.captured = described.captured or reading.captured
    return bool(described.kind)


def _table(reading: Reading, section: Section) -> bool:
    header = next(iter(rows(section.lines)), None)
    if header and is_event_header(list(header.cells)):
        reading.events += events_of_table(section.lines)
        return True
    series = list(of_table(section.lines, section.heading))
    reading.series += series
    reading.observations += observations_of_table(section.lines)
    return True


def _json(reading: Reading, section: Section) -> bool:
    document = section.document
    if document is None:
        return False
    if is_object(document):
        reading.observations += object_observations(document)
        return True
    series = list(of_answer(document, section.heading))
    reading.series += series
    return bool(series) or len(section.lines) > 1


_READERS: Mapping[Form, Callable[[Reading, Section], bool]] = {
    Form.DESCRIPTION: _description,
    Form.TABLE: _table,
    Form.YAML: _yaml,
    Form.JSON: _json,
    Form.DIFF: _diff,
    Form.ROLLOUT: _rollout,
    Form.EXPOSITION: _exposition,
    Form.QUERY: _query,
    Form.APPLICATION: _application,
}


def _text(reading: Reading, parts: Sequence[Section], heading: str) -> None:
    lines = [line for section in parts for line in section.lines][-_MOST_OF_TEXT:]
    series = list(of_table(lines, heading)) if len(lines) > 2 else []
    if series:
        reading.series += series
        reading.whole += lines
        return
    log = read_log(lines, reading.file.name, heading)
    reading.forms.add(Form.TEXT)
    reading.latest = max((at for at in (reading.latest, _last_time(log.entries)) if at), default=None)
    shown = folded(log.entries, _MOST_OF_A_LOG) if log.is_log else ()
    if log.is_log:
        reading.folded += shown
        numbers = {line.number for line in shown}
    else:
        reading.whole += lines
        numbers = {line.number for line in lines}
    source = whose(reading.file.name, heading)
    for one in observe(log.entries, numbers) if log.entries else ():
        if log.is_log or one.name != "log.last_line":
            reading.observations.append(one.model_copy(update={"texts": {**source, **one.texts}}))


def _last_time(entries: Iterable[Entry]) -> datetime | None:
    return max((entry.record.at for entry in entries if entry.record.at), default=None)
