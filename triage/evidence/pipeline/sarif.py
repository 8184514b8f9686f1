"""SARIF, in which many scanners can report: a rule, a place and a message each."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from triage.evidence.item import Observation
from triage.evidence.pipeline.json_report import JsonReport, json_reports, mapping, sequence, text
from triage.evidence.pipeline.parser import Parser, number_of, observation
from triage.evidence.pipeline.run_line import RunLine

#: what the tools call themselves, and what their findings are
_KINDS = {"trivy": "image", "bandit": "sast", "gitleaks": "secret", "snyk": "dependency", "ruff": "lint"}
#: what Trivy writes into its messages
_FIELD = re.compile(r"(?P<name>Package|Installed Version|Fixed Version|Severity): (?P<value>[^\n]*)")


def observe(lines: Sequence[RunLine]) -> Iterable[Observation]:
    """A ``finding`` for each result."""
    for report in json_reports(lines, '"ruleId"'):
        for run in map(mapping, sequence(mapping(report.value).get("runs"))):
            name = text(mapping(mapping(run.get("tool")).get("driver")).get("name")).lower()
            tool = next((known for known in _KINDS if known in name), name or "scanner")
            for result in map(mapping, sequence(run.get("results"))):
                yield _finding(report, tool, result)


def _finding(report: JsonReport, tool: str, result: Mapping[str, object]) -> Observation:
    rule, said = text(result.get("ruleId")), text(mapping(result.get("message")).get("text"))
    line = report.line_with(f'"{rule}"', '"ruleId"')
    report.passed()
    told = {found["name"]: found["value"].strip() for found in _FIELD.finditer(said)}
    place = mapping(mapping(next(iter(sequence(result.get("locations"))), None)).get("physicalLocation"))
    at_line = number_of(text(mapping(place.get("region")).get("startLine")))
    packaged = "Package" in told
    return observation(
        "finding", line, {"line": at_line} if at_line and not packaged else {}, tool=tool,
        kind=_KINDS.get(tool, "sast"), rule=rule,
        severity=told.get("Severity", text(result.get("level"))).lower(),
        file="" if packaged else text(mapping(place.get("artifactLocation")).get("uri")),
        target=text(mapping(place.get("artifactLocation")).get("uri")) if packaged else "",
        package=told.get("Package", ""), version=told.get("Installed Version", ""),
        fixed=told.get("Fixed Version", ""), message=said.split("\n")[0] if not packaged else rule,
    )  # fmt: skip


PARSER = Parser(marks=('"ruleId"',), observe=observe)
