"""One line of a log, understood: its time, level and event when it is a JSON line, else plain text."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast

_SEVERE = frozenset({"error", "critical", "fatal", "exception"})
_NOTABLE = _SEVERE | {"warning", "warn"}
#: the last line of a Python traceback, such as ``ValueError: no bytes``
_EXCEPTION = re.compile(r"^(?:[a-z_]\w*\.)*[A-Z]\w*(?:Error|Exception|Interrupt|Exit)\b.*")
_PLAIN_SEVERE = re.compile(r"\b(?:ERROR|CRITICAL|FATAL|panic:|Killed|OutOfMemory|Segmentation fault)")
_VARYING = re.compile(r"0x[0-9a-f]+|[0-9a-f]{8,}|\d+(?:\.\d+)?")


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
        return f"{self.level} {_VARYING.sub('#', self.event)} {self.fields.get('status', '')}"


def understand(line: str) -> LogRecord:
    """Read one line.

    >>> understand('{"time": "2026-01-02T03:04:05Z", "level": "warning", "event": "slow_request"}').event
    'slow_request'
    >>> understand("ValueError: no bytes").level
    'error'
    """
    found = _json(line)
    if found is None:
        return LogRecord(None, _plain_level(line), line.strip())
    level = str(found.get("level") or found.get("severity") or "info").lower()
    event = str(found.get("event") or found.get("message") or found.get("msg") or "")
    return LogRecord(_time(found.get("time") or found.get("timestamp")), level, event, found)


def _plain_level(line: str) -> str:
    if _EXCEPTION.match(line) or _PLAIN_SEVERE.search(line):
        return "error"
    # it announces an error; the error itself is the traceback's last line
    return "warning" if line.startswith("Traceback ") else "info"


def _json(line: str) -> dict[str, Any] | None:
    if not line.lstrip().startswith("{"):
        return None
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        # the latter when it is nested a thousand levels deep
        return None
    return cast("dict[str, Any]", found) if isinstance(found, dict) else None


def _time(value: object) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
