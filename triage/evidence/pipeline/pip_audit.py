"""pip-audit, as a table, as Markdown, as JSON, and as our own checks print it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from triage.evidence.item import Observation
from triage.evidence.pipeline.json_report import json_reports, mapping, sequence, text
from triage.evidence.pipeline.parser import Parser, observation
from triage.evidence.pipeline.run_line import RunLine

_ID = r"(?P<rule>(?:PYSEC|GHSA|CVE|OSV)-[\w-]+)"
_HEAD = re.compile(r"^\|?\s*Name\s*\|?\s+Version\s*\|?\s+ID\b")
_ROW = re.compile(
    rf"^\|?\s*(?P<package>[A-Za-z0-9][\w.-]*)[ |]+(?P<version>\d[\w.!+-]*)[ |]+{_ID}"
    r"(?:[ |]+(?P<fixed>\d[\w.!+-]*(?:,\s?\d[\w.!+-]*)*))?"
)
_OURS = re.compile(
    rf"^(?:.*: )?(?P<package>[A-Za-z0-9][\w.-]*) (?P<version>\d\S*) has {_ID},"
    r" fixed in (?P<fixed>.+?)(?: \.\.\.)?$"
)


def observe(lines: Sequence[RunLine]) -> Iterable[Observation]:
    """A ``finding`` for each vulnerability of each package."""
    in_table = False
    seen: set[tuple[str, str]] = set()
    for line in lines:
        if _HEAD.match(line.text):
            in_table = True
            continue
        row = _ROW.match(line.text) if in_table else None
        found = row or (_OURS.match(line.text) if " has " in line.text else None)
        if found and (found["package"], found["rule"]) not in seen:
            seen.add((found["package"], found["rule"]))
            yield _finding(line, found["package"], found["version"], found["rule"], found["fixed"] or "")
        elif in_table and not row and not line.text.lstrip().startswith(("-", "|")):
            in_table = False
    yield from _json(lines)


def _finding(line: RunLine, package: str, version: str, rule: str, fixed: str) -> Observation:
    fixed = "" if fixed.startswith("no version") else fixed
    return observation(
        "finding", line, None, tool="pip-audit", kind="dependency", rule=rule, package=package,
        version=version, fixed=fixed, message=f"{package} {version} has {rule}",
    )  # fmt: skip


def _json(lines: Sequence[RunLine]) -> Iterable[Observation]:
    for report in json_reports(lines, '"vulns"'):
        for one in sequence(mapping(report.value).get("dependencies")):
            package = mapping(one)
            name, version = text(package.get("name")), text(package.get("version"))
            for vulnerability in map(mapping, sequence(package.get("vulns"))):
                rule = text(vulnerability.get("id"))
                fixed = ", ".join(text(version) for version in sequence(vulnerability.get("fix_versions")))
                line = report.line_with(f'"{rule}"', '"id"')
                yield _finding(line, name, version, rule, fixed)


PARSER = Parser(marks=("PYSEC-", "GHSA-", "CVE-", '"vulns"'), observe=observe)
