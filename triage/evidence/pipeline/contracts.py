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
_COLUMN = re.compile(r"columns? '(?P<column>[^']+)'|these columns are missing: (?P<missing>[^;]+)")


def observe(lines: Sequence[RunLine]) -> Iterable[Observation]:
    """``data.contract``, once for each sentence."""
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


PARSER = Parser(marks=("breaks its contract", "SchemaError", ".csv: ", ".parquet: "), observe=observe)
