"""What was changed: diffs, commits with their diffs, and the history of a rollout."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise

from triage.evidence.files.outline import Part, outlined
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
_REVISION = re.compile(r"with revision #(\d+)")
_MADE_BY_KUBERNETES = frozenset({"Labels", "pod-template-hash", "Annotations"})
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
    """What each revision changed, the newest first, and the list of them as kubectl prints it."""
    begins = [at for at, line in enumerate(lines) if _REVISION.search(line.raw)]
    end = begins[0] if begins else len(lines)
    templates = [_template(lines[at:until]) for at, until in pairwise([*begins, len(lines)])]
    templates.sort(key=lambda one: -one.revision)
    for newer, older in pairwise(templates):
        yield from _between(older, newer)
    yield from reversed(list(_listed(lines[:end])))


@dataclass(frozen=True, slots=True)
class _Template:
    """The pod template of one revision: each value by the keys above it."""

    name: str
    revision: int
    values: Mapping[tuple[str, ...], tuple[str, int]]


def _template(lines: Sequence[RawLine]) -> _Template:
    found = _REVISION.search(lines[0].raw)
    values: dict[tuple[str, ...], tuple[str, int]] = {}

    def take(part: Part, above: tuple[str, ...]) -> None:
        for one in part.below:
            path = (*above, one.key)
            if one.key and one.value.strip():
                values[path] = (one.value.strip(), one.line.number)
            take(one, path)

    if len(lines) > 1:
        take(outlined(lines[1:]), ())
    name = lines[0].raw.split(" ")[0].split("/")[-1]
    return _Template(name, int(found.group(1)) if found else 0, values)


def _between(older: _Template, newer: _Template) -> Iterable[Observation]:
    for path, (value, line) in newer.values.items():
        former = older.values.get(path, ("", 0))[0]
        if former != value and path[-1] not in _MADE_BY_KUBERNETES:
            texts = {
                "what": "limit" if {"Limits", "Requests"} & set(path) else _what(path[-1], ""),
                "object": newer.name,
                "key": path[-1],
                "from": former,
                "to": value,
                "revision": str(newer.revision),
            }
            yield Observation(name="change", line=line, texts=texts)


def _listed(lines: Sequence[RawLine]) -> Iterable[Observation]:
    name = ""
    for at, line in enumerate(lines):
        if line.raw.startswith("REVISION"):
            for row in rows(lines[at:]):
                if row.get("revision").isdecimal():
                    texts = {"what": "rollout", "object": name, "to": row.get("revision")}
                    cause = row.get("change-cause")
                    yield Observation(name="change", line=row.line.number, texts={**texts, "cause": cause})
            return
        if "/" in line.raw:
            name = line.raw.strip().split("/")[-1]
