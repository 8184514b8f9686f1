"""Which kinds of documents a file holds: it may be one, or the outputs of several commands in a row.

Only what the lines say counts. A section begins where a line can only be the beginning of its form, and ends
where the next begins, or where a person or a script wrote a heading or a command between them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from triage.evidence.files.located import Located
from triage.evidence.files.located_json import read_json
from triage.evidence.tail import RawLine


class Form(StrEnum):
    """What a section is."""

    DESCRIPTION = "description"
    TABLE = "table"
    YAML = "yaml"
    JSON = "json"
    DIFF = "diff"
    ROLLOUT = "rollout"
    EXPOSITION = "exposition"
    QUERY = "query"
    APPLICATION = "application"
    #: logs, and whatever is none of the above
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Section:
    """Consecutive lines of one form; ``heading`` is what stood above them, which may say what they are."""

    form: Form
    lines: Sequence[RawLine]
    heading: str = ""
    #: of JSON: its value
    document: Located | None = None


#: what a person or a script puts before the output of a command
_HEADING = re.compile(
    r"[$>+] ?\S|={2,} ?\S|-{3,} ?[\w(/].{0,200}-{3,}$|#{1,6} \S|\S{1,40}@\S{1,80}[:~].{0,200}[$#] \S"
)
_NOT_HEADING = re.compile(r"# (?:HELP|TYPE|EOF|UNIT)\b|={5,}.*={5,}$|\+\+\+ |[>]>> |> ")
_DESCRIPTION = re.compile(r"Name:\s+\S")
_TABLE = re.compile(
    r"(?:NAMESPACE|NAME|LAST SEEN|LASTSEEN|FIRST SEEN|REASON|TIME|TYPE|POD|CREATED|COUNT|LAST TIMESTAMP)"
    r"(?:\s{2,}|\t)[A-Z][A-Z -]*(?:\s|$)"
)
_YAML = re.compile(r"(?:apiVersion|kind|metadata|status|spec|items):(?:\s|$)|---\s*$")
_DIFF = re.compile(r"diff --git |commit [0-9a-f]{7,40}\b|--- (?:[ab]/|/dev/null)|Index: |diff -[urN]+ ")
_ROLLOUT = re.compile(r"[a-z]+(?:\.[a-z.]+)?/\S+(?: with revision #\d+)?\s*$|REVISION\s+CHANGE-CAUSE")
_EXPOSITION = re.compile(
    r"# (?:HELP|TYPE) \w|[a-zA-Z_:][\w:]*(?:\{[^{}]*\})? [-+]?(?:\d[\d.e+-]*|NaN|\+?Inf)(?: \d{10,13})?$"
)
_QUERY = re.compile(r"(?:[a-zA-Z_:][\w:]*)?\{[^{}]*\} =>|\S+ => \S+ @\[")
#: a whole line that is a value of its own is a line of a log, unless it is one of these
_TELLING_JSON = re.compile(
    r'[\[{]\s*$|\{\s*"(?:apiVersion|kind|items|data|metadata)"\s*:'
    r'|\{\s*"status"\s*:\s*"(?:success|error)"|\[\s*[{\[]'
)
#: a file that breaks off so often holds no JSON; each time less of what follows is believed to be some
_MOST_BROKEN = 12
_MOST_PIECES = 400_000
#: a file of more sections is none that a person put together; its rest is text
_MOST_SECTIONS = 1_000
#: a line of a log, where no other form can hold one
_LOGGED = re.compile(
    r"\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:|[IWEF]\d{4} \d\d:|\{\"|(?:level|time|ts)="
    r"|\[(?:\d|[A-Z]{4,8}\])|[A-Z]{4,8}:\w*:"
)
_NO_LOG = frozenset({Form.DESCRIPTION, Form.YAML, Form.DIFF, Form.ROLLOUT, Form.APPLICATION})
_FIRST = frozenset("NLFRTPCcakmsi-{[#dI") | frozenset("abcdefghijklmnopqrstuvwxyz:_")
_APPLICATION = ("Sync Status:", "Health Status:")
_LOOKED_AHEAD = 30


def sections(lines: Sequence[RawLine]) -> Sequence[Section]:
    """The sections of one file, in order; every line belongs to at most one."""
    return _Cutter(lines).cut()


class _Cutter:
    def __init__(self, lines: Sequence[RawLine]) -> None:
        self._lines = lines
        self._found: list[Section] = []
        self._form = Form.TEXT
        self._begin = 0
        self._heading = ""
        self._broken = 0

    def cut(self) -> Sequence[Section]:
        at = 0
        while at < len(self._lines) and len(self._found) < _MOST_SECTIONS:
            raw = self._lines[at].raw
            if raw and raw[0] in "{[" and (after := self._json(at)):
                at = after
                continue
            if self._is_heading(raw):
                self._close(at, Form.TEXT)
                self._heading, self._begin = raw.strip(), at + 1
            elif raw and raw[0] in _FIRST and (form := self._opens(at, raw)):
                self._close(at, form)
            elif self._ends(raw):
                self._close(at, Form.TEXT)
            at += 1
        if at < len(self._lines):
            self._close(at, Form.TEXT)
        self._close(len(self._lines), Form.TEXT)
        return self._found

    def _ends(self, raw: str) -> bool:
        """Whether the present section can't hold this line."""
        if self._form in _NO_LOG:
            return _LOGGED.match(raw) is not None
        return self._form in _ENDS_AT_BLANK and not raw.strip()

    def _close(self, at: int, form: Form) -> None:
        """End the present section before ``at``, and begin the next there."""
        part = self._lines[self._begin : at]
        if any(line.raw.strip() for line in part):
            self._found.append(Section(self._form, part, self._heading))
        self._begin, self._form = at, form

    def _json(self, at: int) -> int | None:
        """Take the JSON value that begins here as a section; the index behind it."""
        raw = self._lines[at].raw
        if not _TELLING_JSON.match(raw) or self._form is Form.DIFF or self._broken > _MOST_BROKEN:
            return None
        found = read_json(self._lines, at, _MOST_PIECES >> self._broken)
        if found is None:
            self._broken += 1
            return None
        document, count = found
        self._close(at, Form.TEXT)
        self._found.append(Section(Form.JSON, self._lines[at : at + count], self._heading, document))
        self._begin = at + count
        return self._begin

    def _is_heading(self, raw: str) -> bool:
        if self._form is Form.YAML and raw.startswith("#"):
            return False
        if not raw or (raw[0] not in "$>+=-#" and "@" not in raw[:40]):
            return False
        if self._form is Form.DIFF and raw[0] in "+-":
            return False
        return len(raw) < 300 and _HEADING.match(raw) is not None and not _NOT_HEADING.match(raw)

    def _opens(self, at: int, raw: str) -> Form | None:
        """The form that begins with this line, if it is another section than the present one."""
        if _DIFF.match(raw):
            return None if self._form is Form.DIFF else Form.DIFF
        if _DESCRIPTION.match(raw):
            return Form.APPLICATION if self._is_application(at) else Form.DESCRIPTION
        if _TABLE.match(raw) and self._form is not Form.ROLLOUT:
            same = self._form is Form.TABLE and raw == self._lines[self._begin].raw
            return None if same else Form.TABLE
        return self._opens_more(at, raw)

    def _opens_more(self, at: int, raw: str) -> Form | None:
        if self._form is not Form.DIFF and _YAML.match(raw):
            return Form.YAML if self._form is not Form.YAML or raw.startswith("---") else None
        if self._form in {Form.DESCRIPTION, Form.YAML, Form.DIFF}:
            return None
        if _ROLLOUT.match(raw) and self._is_rollout(at, raw):
            return Form.ROLLOUT
        if _QUERY.match(raw):
            return None if self._form is Form.QUERY else Form.QUERY
        if self._form not in {Form.EXPOSITION, Form.QUERY} and _EXPOSITION.match(raw):
            return Form.EXPOSITION if self._is_exposition(at) else None
        return None

    def _is_application(self, at: int) -> bool:
        ahead = [line.raw for line in self._lines[at : at + _LOOKED_AHEAD]]
        return any(line.startswith(_APPLICATION) for line in ahead) and not any(
            line.startswith("API Version:") for line in ahead
        )

    def _is_rollout(self, at: int, raw: str) -> bool:
        following = self._lines[at + 1].raw if at + 1 < len(self._lines) else ""
        return self._form is not Form.ROLLOUT and (
            raw.startswith("REVISION") or following.startswith(("REVISION", "Pod Template"))
        )

    def _is_exposition(self, at: int) -> bool:
        """One line of this shape may be anything; several are metrics."""
        ahead = [line.raw for line in self._lines[at : at + 6] if line.raw.strip()]
        return sum(_EXPOSITION.match(line) is not None for line in ahead) >= min(2, len(ahead))


#: behind an empty line something else begins
_ENDS_AT_BLANK = frozenset({Form.TABLE, Form.QUERY})
