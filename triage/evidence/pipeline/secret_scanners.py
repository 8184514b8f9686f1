"""Scanners for secrets beside Gitleaks: TruffleHog, detect-secrets, ggshield; never the secret itself."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from triage.evidence.item import Observation
from triage.evidence.pipeline.json_report import json_reports, mapping, sequence, text
from triage.evidence.pipeline.parser import Parser, number_of, observation
from triage.evidence.pipeline.run_line import RunLine

#: the line that begins a finding and names what was found, and those below it that name the place
_KIND = re.compile(
    r"^\s*(?:(?P<hog>Detector Type)|(?P<yelp>Secret Type)|>+ .*?Secret detected): +(?P<rule>\S.*?)(?: \("
    r"|\s*$)"
)
_FIELD = re.compile(r"^\s*(?P<name>File|Line|Commit|Location): +(?P<value>\S+)\s*$")
_MOST_LINES = 12


def observe(lines: Sequence[RunLine]) -> Iterable[Observation]:
    """A ``finding`` for each secret."""
    for at, line in enumerate(lines):
        if found := _KIND.match(line.text):
            tool = "trufflehog" if found["hog"] else "detect-secrets" if found["yelp"] else "ggshield"
            yield _block(line, tool, found["rule"], lines[at + 1 : at + _MOST_LINES])
    for report in json_reports(lines, '"DetectorName"'):
        yield from _json(report.value, report.line_with('"DetectorName"', '"DetectorName"'))


def _block(line: RunLine, tool: str, rule: str, rest: Sequence[RunLine]) -> Observation:
    told: dict[str, str] = {}
    for below in rest:
        if _KIND.match(below.text):
            break
        if field := _FIELD.match(below.text):
            told.setdefault(field["name"], field["value"])
    file, _, at_line = told.get("Location", "").rpartition(":")
    return _finding(
        line, tool, rule, told.get("File", file), told.get("Line", at_line), told.get("Commit", "")
    )


def _finding(line: RunLine, tool: str, rule: str, file: str, at_line: str, commit: str) -> Observation:
    number = number_of(at_line)
    return observation(
        "finding", line, {"line": number} if number else {}, tool=tool, kind="secret", rule=rule,
        severity="critical", file=file, commit=commit, message=f"{rule} in {file or 'a commit'}",
    )  # fmt: skip


def _json(value: object, line: RunLine) -> Iterable[Observation]:
    """TruffleHog with ``--json``: one object a finding."""
    for one in map(mapping, sequence(value) or [value]):
        git = mapping(mapping(mapping(one.get("SourceMetadata")).get("Data")).get("Git"))
        if rule := text(one.get("DetectorName")):
            yield _finding(
                line,
                "trufflehog",
                rule,
                text(git.get("file")),
                text(git.get("line")),
                text(git.get("commit")),
            )


PARSER = Parser(
    marks=("Detector Type: ", "Secret Type: ", "Secret detected: ", '"DetectorName"'), observe=observe
)
