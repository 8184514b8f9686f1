"""Gitleaks, as text and as JSON: which rule found a secret, where; never the secret."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from triage.evidence.item import Observation
from triage.evidence.pipeline.json_report import json_reports, mapping, sequence, text
from triage.evidence.pipeline.parser import Parser, number_of, observation
from triage.evidence.pipeline.run_line import RunLine

_FIELD = re.compile(r"^\s*(?P<name>RuleID|File|Line|Commit|Fingerprint):\s+(?P<value>\S.*?)\s*$")
_TOTAL = re.compile(r"\bleaks found: (?P<count>\d+)")
_SCANNED = "gitleaks found at least one secret"
_MOST_LINES = 12


def observe(lines: Sequence[RunLine]) -> Iterable[Observation]:
    """A ``finding`` for each secret; ``leaks.summary`` for the count, which may be all that was printed."""
    for at, line in enumerate(lines):
        field = _FIELD.match(line.text) if ":" in line.text else None
        if field and field["name"] == "RuleID":
            yield _block(line, field["value"], lines[at + 1 : at + _MOST_LINES])
        elif (total := _TOTAL.search(line.text)) and int(total["count"]):
            yield observation("leaks.summary", line, {"count": float(total["count"])}, tool="gitleaks")
        elif _SCANNED in line.text:
            yield observation("leaks.summary", line, {"count": 1.0}, tool="gitleaks")
    yield from _json(lines)


def _block(line: RunLine, rule: str, rest: Sequence[RunLine]) -> Observation:
    told: dict[str, str] = {}
    cited = line
    for below in rest:
        field = _FIELD.match(below.text)
        if field and field["name"] == "RuleID":
            break
        if field:
            told.setdefault(field["name"], field["value"])
            cited = below if field["name"] == "File" else cited
    return _finding(line, rule, told.get("File", ""), told.get("Line", ""), told.get("Commit", ""))


def _finding(line: RunLine, rule: str, file: str, at_line: str, commit: str) -> Observation:
    number = number_of(at_line)
    return observation(
        "finding", line, {"line": number} if number else {}, tool="gitleaks", kind="secret", rule=rule,
        severity="critical", file=file, commit=commit, message=f"{rule} in {file or 'a commit'}",
    )  # fmt: skip


def _json(lines: Sequence[RunLine]) -> Iterable[Observation]:
    for report in json_reports(lines, '"RuleID"'):
        for one in sequence(report.value):
            leak = mapping(one)
            rule = text(leak.get("RuleID"))
            if rule:
                line = report.line_with(f'"{rule}"', '"RuleID"')
                report.passed()
                yield _finding(
                    line, rule, text(leak.get("File")), text(leak.get("StartLine")), text(leak.get("Commit"))
                )


PARSER = Parser(marks=("RuleID", "leaks found: ", _SCANNED), observe=observe)
