"""One line of a log, understood: its time, level and event, in the forms that programs commonly write."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast

from triage.evidence.log_level import level_of, levels_word
from triage.evidence.log_time import epoch_time, leading_time, web_time

_SEVERE = frozenset({"error", "critical", "fatal", "exception"})
_NOTABLE = _SEVERE | {"warning", "warn"}
#: an event of a web server's access log that is no success
ACCESS = "access"
_VARYING = re.compile(r"0x[0-9a-f]+|[0-9a-f]{8,}|\d+(?:\.\d+)?")
#: of a line's words, so many say which shape it has
_MOST_OF_A_SHAPE = 300
#: the form of klog: severity, month and day, time, thread, file and line
_KLOG = re.compile(r"([IWEF])\d{4} \d\d:\d\d:\d\d\.\d+\s+\d+ [\w./-]+:\d+\] ?")
_KLOG_LEVELS = {"I": "info", "W": "warning", "E": "error", "F": "fatal"}
_PAIR = re.compile(r'([A-Za-z_@][\w.@-]*)=("(?:[^"\\]|\\.)*"|[^\s"]*)(?=\s|$)')
_WRITTEN_OUT = re.compile(r"\\(.)")
#: of a web server, nginx's, Apache's and uvicorn's: the request and the status of its answer
_ACCESS = re.compile(r'"([A-Z]{3,7} \S{1,200}) HTTP/[\d.]+"\s+(\d{3})\b')
#: who says it, where logs of several were put together: kubectl logs --prefix, docker compose
_WHO = re.compile(r"\[pod/([^/\]\s]+)/([^/\]\s]+)\] ?|[\w.-]{1,60} +\| ")
#: how a container runtime keeps a line: the stream, and whether the line is whole
_STREAM = re.compile(r"(?:stdout|stderr) [FP] ")
_TIMES = ("time", "timestamp", "ts", "@timestamp", "asctime", "datetime", "t")
_LEVELS = ("level", "severity", "levelname", "lvl", "log.level", "loglevel")
_EVENTS = ("event", "message", "msg")
_ERRORS = (
    "error",
    "err",
    "error.message",
    "err.message",
    "error_message",
    "exception",
    "exc_info",
    "stack",
    "stacktrace",
    "reason",
)


@dataclass(frozen=True, slots=True)
class LogRecord:
    """What a line says; ``at`` is None where it names no time."""

    at: datetime | None
    level: str
    event: str
    fields: Mapping[str, Any] = field(default_factory=dict[str, Any])

    @property
    def is_severe(self) -> bool:
        """An error or worse."""
        return self.level in _SEVERE

    @property
    def is_notable(self) -> bool:
        """A warning or worse."""
        return self.level in _NOTABLE

    @property
    def template(self) -> str:
        """What lines of the same shape have in common."""
        shape = _VARYING.sub("#", self.event[:_MOST_OF_A_SHAPE])
        return f"{self.level} {shape} {self.fields.get('status', '')}"

    @property
    def words(self) -> str:
        """What it says, without its time and level: the event, and the error where that stands apart."""
        error = next((text for key in _ERRORS if (text := _last_line(self.fields.get(key)))), "")
        return f"{self.event}: {error}" if error and error not in self.event else self.event or error


def understand(line: str) -> LogRecord:
    """Read one line.

    >>> understand('{"time": "2026-01-02T03:04:05Z", "level": "warning", "event": "slow_request"}').event
    'slow_request'
    >>> understand("ValueError: no bytes").level
    'error'
    >>> understand('ts=2026-01-02T03:04:05Z level=error msg="no route" peer=b').event
    'no route'
    >>> understand("E0102 03:04:05.678901       1 main.go:12] can't bind").level
    'error'
    """
    line = line.strip()
    source: Mapping[str, Any] = {}
    if who := _WHO.match(line):
        source = {"pod": who.group(1), "container": who.group(2)} if who.group(1) else {}
        line = line[who.end() :]
    at, rest = leading_time(line)
    said = line[rest:].lstrip(" \t:") if rest else line
    if stream := _STREAM.match(said):
        said = said[stream.end() :]
    found = _json(said)
    if found is not None:
        return _of_fields({**found, **source} if source else found, at)
    if klog := _KLOG.match(said):
        return LogRecord(at, _KLOG_LEVELS[klog.group(1)], said[klog.end() :], source)
    return _logfmt(said, at, source) or _plain(said, at, source)


def _plain(said: str, at: datetime | None, source: Mapping[str, Any]) -> LogRecord:
    if '" ' in said and (access := _ACCESS.search(said, 0, 600)):
        status = int(access.group(2))
        level = "warning" if status >= 500 else "info"
        if status < 400:
            return LogRecord(at or web_time(said), level, said, source)
        fields = {**source, "status": status, "error": f"{access.group(1)} was answered {status}"}
        return LogRecord(at or web_time(said), level, ACCESS, fields)
    if at is None:
        # a second time may stand behind the runtime's, and it is the program's own
        at, rest = leading_time(said)
        said = said[rest:].lstrip() if rest else said
    level, begins = level_of(said)
    return LogRecord(at, level, said[begins:].lstrip(" \t:-|]") or said, source)


def _logfmt(said: str, at: datetime | None, source: Mapping[str, Any]) -> LogRecord | None:
    if "msg=" not in said and "level=" not in said and "lvl=" not in said and "message=" not in said:
        return None
    pairs = {name: _unquoted(value) for name, value in _PAIR.findall(said[:8_000])}
    if not any(name in pairs for name in (*_EVENTS, *_LEVELS)):
        return None
    record = _of_fields({**pairs, **source}, at)
    return record if record.event else LogRecord(record.at, record.level, said, record.fields)


def _unquoted(value: str) -> str:
    return _WRITTEN_OUT.sub(r"\1", value[1:-1]) if value.startswith('"') else value


def _of_fields(fields: Mapping[str, Any], at: datetime | None) -> LogRecord:
    level = next((levels_word(fields[name]) for name in _LEVELS if name in fields), "info")
    event = next((str(fields[name]) for name in _EVENTS if fields.get(name)), "")
    times = (_time(fields[name]) for name in _TIMES if name in fields)
    return LogRecord(next((moment for moment in times if moment), at), level, event, fields)


def _json(line: str) -> dict[str, Any] | None:
    if not line.startswith("{"):
        return None
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        # the latter when it is nested a thousand levels deep
        return None
    return cast("dict[str, Any]", found) if isinstance(found, dict) else None


def _time(value: object) -> datetime | None:
    if isinstance(value, int | float):
        return epoch_time(float(value)) if abs(value) < 1e20 else None
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return leading_time(value)[0] or _number(value)
    try:
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except OverflowError:
        return None


def _number(value: str) -> datetime | None:
    digits = value.replace(".", "", 1)
    return epoch_time(float(value)) if digits.isdecimal() and len(digits) < 40 else None


def _last_line(value: object) -> str:
    """The last line of an error's text: of a traceback, that is the error."""
    if isinstance(value, dict):
        value = cast("dict[str, object]", value).get("message")
    text = value.strip() if isinstance(value, str) else ""
    return text.rsplit("\n", 1)[-1].strip()
