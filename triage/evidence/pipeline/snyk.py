"""Snyk, as text and as JSON."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from triage.evidence.item import Observation
from triage.evidence.pipeline.json_report import json_reports, mapping, sequence, text
from triage.evidence.pipeline.parser import Parser, observation
from triage.evidence.pipeline.run_line import RunLine

_ISSUE = re.compile(
    r"^\s*✗ (?P<message>.+?) \[(?P<severity>\w+) Severity\]\s*\[(?P<link>[^\]]+)\]"
    r" in (?P<package>[\w.-]+)@(?P<version>\S+)"
)
_UPGRADE = re.compile(
    r"^\s*(?:Upgrade|Pin) (?P<package>[\w.-]+)@\S+ to (?P<name>[\w.-]+)@(?P<fixed>\S+) to fix"
)
_FIXED = re.compile(r"^\s*This issue was fixed in versions: (?P<fixed>.+)$")


def observe(lines: Sequence[RunLine]) -> Iterable[Observation]:
    """A ``finding`` for each issue."""
    fixed: dict[str, str] = {}
    for at, line in enumerate(lines):
        if upgrade := _UPGRADE.match(line.text):
            fixed[upgrade["package"]] = upgrade["fixed"]
        elif issue := _ISSUE.match(line.text):
            below = next(
                (found for rest in lines[at + 1 : at + 4] if (found := _FIXED.match(rest.text))), None
            )
            yield observation(
                "finding", line, None, tool="snyk", kind="dependency", rule=issue["link"].rsplit("/", 1)[-1],
                severity=issue["severity"].lower(), package=issue["package"], version=issue["version"],
                fixed=fixed.get(issue["package"], "") or (below["fixed"] if below else ""),
                message=issue["message"],
            )  # fmt: skip
    yield from _json(lines)


def _json(lines: Sequence[RunLine]) -> Iterable[Observation]:
    for report in json_reports(lines, '"packageName"'):
        for one in map(mapping, sequence(mapping(report.value).get("vulnerabilities"))):
            rule = text(one.get("id"))
            yield observation(
                "finding", report.line_with(f'"{rule}"', '"id"'), None, tool="snyk", kind="dependency",
                rule=rule,
                severity=text(one.get("severity")).lower(),
                package=text(one.get("packageName")), version=text(one.get("version")),
                fixed=", ".join(text(version) for version in sequence(one.get("fixedIn"))),
                message=text(one.get("title")),
            )  # fmt: skip


PARSER = Parser(marks=("✗ ", '"packageName"'), observe=observe)
