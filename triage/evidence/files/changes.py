"""What was changed: diffs, commits with their diffs, and the history of a rollout."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from triage.evidence.files.table import rows
from triage.evidence.item import Observation
from triage.evidence.log_time import epoch_time, written_time
from triage.evidence.tail import RawLine

_COMMIT = re.compile(r"commit ([0-9a-f]{7,40})\b")
_DATE = re.compile(r"(?:Author|Commit)?Date:\s+(.+)$")
#: git's own form: Sat Nov 21 17:23:32 2026 +0000
_GIT_DATE = re.compile(r"[A-Z][a-z]{2} ([A-Z][a-z]{2}) +(\d+) (\d\d:\d\d:\d\d) (\d{4}) ([+-]\d{4})")
_FILE = re.compile(r"\+\+\+ (?:b/)?([^\t]+)|diff --git a/\S+ b/(.+)")
_FIELD = re.compile(r"""[-+]\s*(?:- )?["']?(?P<key>[A-Za-z_][\w.-]*)["']?\s*[:=]\s*(?P<value>.+?),?\s*$""")
_RELEASE = re.compile(r"(?:^|/)release\.yaml$")
_HAND_OFF = re.compile(r"(?i)\bhand.?off\b|\bdeploy|\brelease\b|\bpromote")
_WHAT = (
    ("image", re.compile(r"(?i)^(?:image|tag|newtag|digest|repository)$")),
    ("replicas", re.compile(r"(?i)replicas$")),
    ("limit", re.compile(r"(?i)^(?:memory|cpu|limits?|requests?|ephemeral-storage|storage)$")),
    ("node", re.compile(r"(?i)^(?:node|nodename|nodeselector|kubernetes\.io/hostname)$")),
)
#: of one file, so many changed fields are told
_MOST_FIELDS = 30
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


@dataclass(slots=True)
class _State:
    commit: str = ""
    commit_line: int = 0
    at: datetime | None = None
    subject: str = ""
    file: str = ""
    removed: dict[str, str] = field(default_factory=dict[str, str])
    told: int = 0
    #: the first line that was added or taken away in this file, and whether a field told of it
    first: int = 0


def changes_of_diff(lines: Sequence[RawLine]) -> Iterable[Observation]:
    """Each field that has a new value, and each file that was changed without one."""
    state = _State()
    for line in lines:
        raw = line.raw
        if commit := _COMMIT.match(raw):
            yield from _end_of_file(state)
            state = _State(commit=commit.group(1), commit_line=line.number)
        elif date := _DATE.match(raw):
            state.at = _moment(date.group(1))
        elif found := _FILE.match(raw):
            name = (found.group(1) or found.group(2)).strip()
            if raw.startswith("diff") or state.file != name:
                yield from _end_of_file(state)
            state.file = name
        elif raw.startswith(("@@", "--- ")):
            state.removed = {}
        else:
            yield from _subject(line, state)
            yield from _of_line(line, state)
    yield from _end_of_file(state)


def _subject(line: RawLine, state: _State) -> Iterable[Observation]:
    """The first line of a commit's message; a hand-off says so there."""
    if not state.commit or state.subject or not line.raw.startswith("    ") or not line.raw.strip():
        return
    state.subject = line.raw.strip()
    if _HAND_OFF.search(state.subject):
        texts = {"commit": state.commit, "subject": state.subject}
        yield Observation(name="handoff", line=line.number, at=state.at, texts=texts)


def _of_line(line: RawLine, state: _State) -> Iterable[Observation]:
    raw = line.raw
    if not raw.startswith(("+", "-")):
        # what was taken away pairs with what follows it at once
        state.removed = {}
        return
    state.first = state.first or line.number
    match = _FIELD.match(raw)
    if match is None:
        return
    key, value = match["key"], match["value"].strip("\"' ")
    if raw.startswith("-"):
        state.removed[key] = value
        return
    if state.told >= _MOST_FIELDS:
        return
    state.told += 1
    former = state.removed.pop(key, "")
    texts = {"what": _what(key, state.file), "object": state.file, "key": key, "from": former, "to": value}
    yield Observation(name="change", line=line.number, at=state.at, texts=texts)
    if _RELEASE.search(state.file):
        yield Observation(
            name="release_field", line=line.number, at=state.at, texts={"field": key, "value": value}
        )


def _end_of_file(state: _State) -> Iterable[Observation]:
    """A file without fields was changed all the same."""
    if state.file and state.first and not state.told:
        yield Observation(
            name="change",
            line=state.first,
            at=state.at,
            texts={"what": "other", "object": state.file, "from": "", "to": ""},
        )
    state.told, state.first, state.removed = 0, 0, {}


def _what(key: str, file: str) -> str:
    found = next((what for what, pattern in _WHAT if pattern.search(key)), None)
    return found or ("release" if _RELEASE.search(file) else "config")


def _moment(text: str) -> datetime | None:
    if match := _GIT_DATE.search(text):
        month, day, clock, year, zone = match.groups()
        if month in _MONTHS:
            return written_time(f"{year}-{_MONTHS.index(month) + 1:02d}-{int(day):02d}T{clock}{zone}")
        return None
    if text.strip().isdecimal() and len(text.strip()) < 20:
        return epoch_time(float(text))
    return written_time(text)


def changes_of_rollout(lines: Sequence[RawLine]) -> Iterable[Observation]:
    """The revisions of a workload, the newest first, as ``kubectl rollout history`` lists them."""
    name = ""
    found: list[Observation] = []
    for at, line in enumerate(lines):
        if line.raw.startswith("REVISION"):
            for row in rows(lines[at:]):
                if row.get("revision").isdecimal():
                    texts = {"what": "rollout", "object": name, "to": row.get("revision")}
                    cause = row.get("change-cause")
                    found.append(
                        Observation(name="change", line=row.line.number, texts={**texts, "cause": cause})
                    )
            break
        if "/" in line.raw:
            name = line.raw.strip().split("/")[-1]
    return list(reversed(found))
