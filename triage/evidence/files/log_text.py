"""Text that is a log, and whose log it is."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from triage.evidence.folding import Entry
from triage.evidence.log_record import understand
from triage.evidence.tail import RawLine

#: of a log's lines, so many have a time, a level or fields
_SHARE = 0.2
_NAMED = re.compile(r"(?i)\blogs?\b|stderr|stdout|journal|console|(?:^|[-_.])log$|\.log")
_PREVIOUS = re.compile(r"(?i)\bprevious\b|(?:^|\s)-p(?:\s|$)|crashed|before")
_KUBECTL_LOGS = re.compile(r"\blogs\b(?P<rest>.*)$")
_CONTAINER = re.compile(r"(?:^|\s)(?:-c[ =]|--container[ =])(\S+)")
_NAMESPACE = re.compile(r"(?:^|\s)(?:-n[ =]|--namespace[ =])\S+")


@dataclass(frozen=True, slots=True)
class LogText:
    """The entries, and whether so many lines look like a log's that the last one is somebody's last word."""

    entries: Sequence[Entry]
    is_log: bool


def read_log(lines: Sequence[RawLine], file: str, heading: str) -> LogText:
    """Read every line that says something."""
    entries: list[Entry] = []
    at: datetime | None = None
    telling = 0
    for line in lines:
        if line.raw.strip():
            record = understand(line.raw)
            at = record.at or at
            telling += record.at is not None or record.level != "info" or bool(record.fields)
            entries.append(Entry(line, record, at))
    named = _NAMED.search(f"{file} {heading}") is not None
    return LogText(entries, bool(entries) and (named or telling >= _SHARE * len(entries)))


def whose(file: str, heading: str) -> Mapping[str, str]:
    """The container and the run that a command or a file's name tells; names are hints only.

    >>> whose("x.txt", "$ kubectl logs web-0 -c web --previous")
    {'run': 'previous', 'pod': 'web-0', 'container': 'web'}
    """
    found: dict[str, str] = {}
    if _PREVIOUS.search(heading) or _PREVIOUS.search(file.replace("_", "-")):
        found["run"] = "previous"
    if match := _KUBECTL_LOGS.search(heading):
        rest = _NAMESPACE.sub(" ", match["rest"])
        if container := _CONTAINER.search(rest):
            found["container"] = container.group(1)
            rest = _CONTAINER.sub(" ", rest)
        names = [word for word in rest.split() if not word.startswith("-")]
        if names:
            found["pod"] = names[0].removeprefix("pod/")
    return dict(sorted(found.items(), key=lambda pair: ("run", "pod", "container").index(pair[0])))
