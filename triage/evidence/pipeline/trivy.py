"""Trivy, as its table and as JSON: packages of an image or a lock, secrets and misconfigurations."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from triage.evidence.item import Observation
from triage.evidence.pipeline.json_report import JsonReport, json_reports, mapping, sequence, text
from triage.evidence.pipeline.parser import Parser, number_of, observation
from triage.evidence.pipeline.run_line import RunLine

_RULE = re.compile(r"(?:CVE|GHSA|PYSEC|TEMP|DLA|DSA|RHSA|ALAS)-[\w-]+")
_TARGET = re.compile(r"^(?P<target>\S.*?) \((?P<type>[\w.+ -]+)\)\s*$")
_TOTAL = re.compile(r"^Total: (?P<count>\d+) \((?P<parts>.+)\)")
#: the headings, as Trivy's versions have called them
_COLUMNS = {
    "library": "package",
    "package": "package",
    "vulnerability": "rule",
    "vulnerability id": "rule",
    "severity": "severity",
    "status": "status",
    "installed version": "version",
    "fixed version": "fixed",
    "title": "message",
}


def observe(lines: Sequence[RunLine]) -> Iterable[Observation]:
    """A ``finding`` for each vulnerability; ``vulnerability.summary`` for each target's total."""
    target, columns, last = "", tuple[str, ...](), dict[str, str]()
    for line in lines:
        if "│" in line.text:
            cells = [cell.strip() for cell in line.text.strip().strip("│").split("│")]
            if (named := _columns(cells)) is not None:
                columns, last = named, {}
            elif columns and len(cells) == len(columns):
                told = dict(zip(columns, cells, strict=True))
                if _RULE.fullmatch(told.get("rule", "")):
                    # a cell that spans rows is printed once
                    spans = not told["package"]
                    last = {
                        name: value or (last.get(name, "") if spans else "") for name, value in told.items()
                    }
                    yield _row(line, target, last)
        elif total := _TOTAL.match(line.text):
            yield _summary(line, target, total)
        elif found := _TARGET.match(line.text):
            target = found[0].strip()
    yield from _json(lines)


def _columns(cells: Sequence[str]) -> tuple[str, ...] | None:
    named = tuple(_COLUMNS.get(cell.lower(), "") for cell in cells)
    return named if "package" in named and "rule" in named else None


def _row(line: RunLine, target: str, told: Mapping[str, str]) -> Observation:
    return observation(
        "finding", line, None, tool="trivy", kind=_kind(target), target=target,
        rule=told.get("rule", ""), severity=told.get("severity", "").lower(), package=told.get("package", ""),
        version=told.get("version", ""), fixed=told.get("fixed", ""), message=told.get("message", ""),
    )  # fmt: skip


def _summary(line: RunLine, target: str, total: re.Match[str]) -> Observation:
    counts = {name.lower(): float(count) for name, count in re.findall(r"(\w+): (\d+)", total["parts"])}
    return observation(
        "vulnerability.summary", line, {"count": float(total["count"]), **counts}, tool="trivy", target=target
    )


def _kind(target: str) -> str:
    """What is scanned: an image, also where Python packages inside it are named, or a lock."""
    locks = ("requirements", "poetry.lock", "uv.lock", "package-lock", "go.mod", "Pipfile", "Cargo.lock")
    return "dependency" if any(lock in target for lock in locks) else "image"


def _json(lines: Sequence[RunLine]) -> Iterable[Observation]:
    for report in json_reports(lines, '"VulnerabilityID"'):
        image = text(mapping(report.value).get("ArtifactName"))
        for result in map(mapping, sequence(mapping(report.value).get("Results"))):
            target = text(result.get("Target")) or image
            for one in map(mapping, sequence(result.get("Vulnerabilities"))):
                yield _from_json(report, one, target)


def _from_json(report: JsonReport, one: Mapping[str, object], target: str) -> Observation:
    rule = text(one.get("VulnerabilityID"))
    line = report.line_with(f'"{rule}"', '"VulnerabilityID"')
    report.passed()
    score = number_of(text(mapping(mapping(one.get("CVSS")).get("nvd")).get("V3Score")))
    return observation(
        "finding", line, {"score": score} if score else {}, tool="trivy", kind=_kind(target), target=target,
        rule=rule, severity=text(one.get("Severity")).lower(), package=text(one.get("PkgName")),
        version=text(one.get("InstalledVersion")), fixed=text(one.get("FixedVersion")),
        message=text(one.get("Title")),
    )  # fmt: skip


PARSER = Parser(marks=("│", '"VulnerabilityID"', "Total: "), observe=observe)
