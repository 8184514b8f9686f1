"""Data that breaks its contract: our own sentence, and pandera's."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from triage.evidence.item import Observation
from triage.evidence.pipeline.parser import Parser, observation
from triage.evidence.pipeline.run_line import RunLine

_OURS = re.compile(r"The data of (?P<model>[a-z][a-z0-9_]*) breaks its contract: (?P<error>.+)$")
_PANDERA = re.compile(r"^(?:E\s+)?pandera(?:\.\w+)*\.SchemaErrors?: (?P<error>.+)$")
_UNREADABLE = re.compile(
    r"(?P<error>(?P<file>\S+\.(?:csv|parquet)): (?:the file does not exist|can't be read as|.*SHA-256).*)$"
)
#: Great Expectations and Soda: the expectation, and the column inside
_EXPECTATION = re.compile(
    r"(?P<error>\bexpect_(?:column|table|multicolumn)\w+\((?:.*?\bcolumn=['\"]?(?P<column>\w+))?.*)$"
    r"|^\s*(?:✖|\[FAILED\]|FAIL(?:ED)?)\s+(?P<check>(?:missing|duplicate|invalid)_count\((?P<soda>\w+)\).*)$"
)
_FAILED_RUN = re.compile(r"(?i)validation failed|✖ Failed|\"success\": false|checks? FAILED|\bOops!")
_COLUMN = re.compile(r"columns? '(?P<column>[^']+)'|these columns are missing: (?P<missing>[^;]+)")


def observe(lines: Sequence[RunLine]) -> Iterable[Observation]:
    """``data.contract``, once for each sentence."""
    yield from _expectations(lines)
    seen: set[str] = set()
    for line in lines:
        found = _OURS.search(line.text) or _PANDERA.match(line.text) or _UNREADABLE.search(line.text)
        if found and found["error"] not in seen:
            seen.add(found["error"])
            told = found.groupdict()
            column = _COLUMN.search(found["error"])
            yield observation(
                "data.contract", line, None, model=told.get("model") or "", file=told.get("file") or "",
                column=(column["column"] or column["missing"]) if column else "", error=found["error"],
            )  # fmt: skip


def _expectations(lines: Sequence[RunLine]) -> Iterable[Observation]:
    """Those of a run that failed; a run that passed lists them too."""
    if not any(_FAILED_RUN.search(line.text) for line in lines):
        return
    for line in lines:
        if ("expect_" in line.text or "_count(" in line.text) and (found := _EXPECTATION.search(line.text)):
            column, error = found["column"] or found["soda"] or "", found["error"] or found["check"]
            yield observation("data.contract", line, None, column=column, error=error)


PARSER = Parser(
    marks=("expect_", "_count(", "breaks its contract", "SchemaError", ".csv: ", ".parquet: "),
    observe=observe,
)
