"""Bandit, as text, as JSON, and as our own checks print it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from triage.evidence.item import Observation
from triage.evidence.pipeline.json_report import json_reports, mapping, sequence, text
from triage.evidence.pipeline.parser import Parser, number_of, observation
from triage.evidence.pipeline.run_line import RunLine

_ISSUE = re.compile(r"^\s*>> Issue: \[(?P<rule>B\d{3}):(?P<name>[\w-]+)\] (?P<message>.+)$")
_GRADES = re.compile(r"^\s*Severity: (?P<severity>\w+)\s+Confidence: (?P<confidence>\w+)")
_LOCATION = re.compile(r"^\s*Location: (?P<file>\S+?):(?P<line>\d+)(?::\d+)?\s*$")
_CWE = re.compile(r"^\s*CWE: (?P<cwe>CWE-\d+)")
_SHORT = re.compile(r"^(?P<file>[^\s:]+\.py):(?P<line>\d+): (?P<rule>B\d{3}) (?P<message>.+)$")
#: how many lines an issue has before its code begins
_HEAD = 7


def observe(lines: Sequence[RunLine]) -> Iterable[Observation]:
    """A ``finding`` for each issue, cited by the line that says what it is."""
    for at, line in enumerate(lines):
        if found := _ISSUE.match(line.text):
            yield _issue(line, found, lines[at + 1 : at + _HEAD])
        elif found := _SHORT.match(line.text):
            numbers = {"line": float(found["line"])}
            yield observation(
                "finding", line, numbers, tool="bandit", rule=found["rule"], file=found["file"],
                message=found["message"], kind="sast",
            )  # fmt: skip
    yield from _json(lines)


def _issue(line: RunLine, issue: re.Match[str], head: Sequence[RunLine]) -> Observation:
    told: dict[str, str] = {}
    for below in head:
        if below.text.lstrip().startswith(">> Issue"):
            break
        for pattern in (_GRADES, _LOCATION, _CWE):
            if found := pattern.match(below.text):
                told |= {key: value.strip() for key, value in found.groupdict().items()}
    at_line = number_of(told.pop("line", ""))
    return observation(
        "finding", line, {"line": at_line} if at_line else {}, tool="bandit", kind="sast",
        rule=issue["rule"], message=issue["message"],
        **told | {name: told.get(name, "").lower() for name in ("severity", "confidence")},
    )  # fmt: skip


def _json(lines: Sequence[RunLine]) -> Iterable[Observation]:
    for report in json_reports(lines, '"test_id"'):
        for one in sequence(mapping(report.value).get("results")):
            issue = mapping(one)
            rule, at_line = text(issue.get("test_id")), number_of(text(issue.get("line_number")))
            line = report.line_with(f'"{rule}"', '"test_id"')
            report.passed()
            cwe = text(mapping(issue.get("issue_cwe")).get("id"))
            yield observation(
                "finding", line, {"line": at_line} if at_line else {}, tool="bandit", kind="sast", rule=rule,
                severity=text(issue.get("issue_severity")).lower(),
                confidence=text(issue.get("issue_confidence")).lower(),
                file=text(issue.get("filename")), message=text(issue.get("issue_text")),
                cwe=f"CWE-{cwe}" if cwe else "",
            )  # fmt: skip


PARSER = Parser(marks=(">> Issue: [B", '"test_id"', ".py:"), observe=observe)
