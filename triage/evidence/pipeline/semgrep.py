"""Semgrep's findings as text: the file, the rule, what is wrong, and the line behind the bar."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from triage.evidence.item import Observation
from triage.evidence.pipeline.parser import Parser, observation
from triage.evidence.pipeline.run_line import RunLine

_FILE = re.compile(r"^\s{2,}(?P<file>[\w./@-]+\.\w+)\s*$")
_RULE = re.compile(r"^\s+(?:[\u276f\u2771>]+\s*)?(?P<rule>[a-z][\w-]*(?:\.[\w-]+){2,})\s*$")
_CODE = re.compile(r"^\s*(?P<line>\d+)┆")
_MOST_LINES = 14


def observe(lines: Sequence[RunLine]) -> Iterable[Observation]:
    """A ``finding`` for each rule in each file."""
    file = ""
    for at, line in enumerate(lines):
        if found := _FILE.match(line.text):
            file = found["file"]
        elif file and (found := _RULE.match(line.text)):
            message, at_line = _below(lines[at + 1 : at + _MOST_LINES])
            yield observation(
                "finding", line, {"line": float(at_line)} if at_line else {}, tool="semgrep", kind="sast",
                rule=found["rule"].rsplit(".", 1)[-1], file=file, message=message,
            )  # fmt: skip


def _below(rest: Sequence[RunLine]) -> tuple[str, str]:
    said: list[str] = []
    for line in rest:
        if code := _CODE.match(line.text):
            return " ".join(said), code["line"]
        if line.text.strip():
            said.append(line.text.strip())
    return " ".join(said), ""


PARSER = Parser(marks=("┆",), observe=observe)
