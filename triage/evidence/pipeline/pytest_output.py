"""Pytest: which tests failed, by what error, at which line; and how many."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from triage.evidence.item import Observation
from triage.evidence.pipeline.parser import Parser, observation
from triage.evidence.pipeline.run_line import RunLine

_SUMMARY = re.compile(r"^(?P<what>FAILED|ERROR) (?P<test>[^\s:]+\.py(?:::.*?)?)(?: - (?P<error>.*))?$")
#: with -v, or from a worker of xdist, as it happens
_LIVE = re.compile(
    r"^(?:\[gw\d+\] (?:\[\s*\d+%\] )?(?P<what>FAILED|ERROR) (?P<test>\S+\.py::.+)"
    r"|(?P<test2>\S+\.py::.+?) (?P<what2>FAILED|ERROR)(?:\s+\[\s*\d+%\])?)\s*$"
)
#: as wide as the terminal; a long name leaves room for one line at either end
_HEADER = re.compile(r"^_+ (?P<name>[A-Za-z].*?) _+$")
_ERROR = re.compile(r"^E\s{3,}(?P<error>\S.*)$")
_PLACE = re.compile(r"^(?P<file>[^\s:]+\.py):(?P<line>\d+): ?(?P<rest>.*)$")
_COUNTS = re.compile(r"(?P<count>\d+) (?P<what>failed|passed|errors?|skipped)\b")
_TOTAL = re.compile(r"^=*\s*(?:\d+ \w+(?:, )?)+ in [\d.]+s")
#: where an error surfaces, seldom where it is
_FOREIGN = re.compile(r"/(?:site-packages|dist-packages|lib/python3\.\d+)/")
_WORDS = ("ERROR at setup of ", "ERROR at teardown of ", "ERROR collecting ")


@dataclass(slots=True)
class _Section:
    """What the section of one failure says; the last place in it is where the error was raised."""

    name: str
    line: RunLine
    error: str = ""
    file: str = ""
    at_line: int | None = None


def observe(lines: Sequence[RunLine]) -> Iterable[Observation]:
    """``test.failed`` for each test once, ``test.error`` for the line with its error, ``test.summary``."""
    sections = {one.name: one for one in _sections(lines)}
    named: set[str] = set()
    for pattern in (_SUMMARY, _LIVE):
        for line in lines:
            # the cheap test first: a log has many lines
            if not ("FAILED" in line.text or "ERROR" in line.text) or not (found := pattern.match(line.text)):
                continue
            words = found.groupdict()
            test = (words["test"] or words.get("test2") or "").strip()
            if test not in named:
                named.add(test)
                yield _failed(line, test, words.get("error") or "", _section_of(test, sections))
    for one in sections.values():
        if not named:
            yield _failed(one.line, one.name, one.error, one)
        yield observation(
            "test.error", one.line, _numbers(one), test=one.name, error=one.error, file=one.file
        )
    yield from _totals(lines)


def _failed(line: RunLine, test: str, error: str, section: _Section | None) -> Observation:
    told = section.error if section and (not error or error.endswith("...")) else error
    file = test.partition("::")[0]
    if not file.endswith(".py"):
        file = section.file if section else ""
    return observation(
        "test.failed", line, _numbers(section), tool="pytest", test=test, error=told, file=file,
        raised_in=section.file if section else "",
    )  # fmt: skip


def _numbers(section: _Section | None) -> Mapping[str, float]:
    return {"line": float(section.at_line)} if section and section.at_line else {}


def _section_of(test: str, sections: Mapping[str, _Section]) -> _Section | None:
    file, _, inside = test.partition("::")
    return sections.get(inside.replace("::", ".")) or sections.get(file) if inside else sections.get(file)


def _sections(lines: Sequence[RunLine]) -> Sequence[_Section]:
    """The sections between FAILURES and the summary, each with its first error."""
    found: list[_Section] = []
    inside = False
    for line in lines:
        if line.text.startswith("_") and (header := _HEADER.match(line.text)):
            found.append(_Section(_plain(header["name"]), line))
            inside = True
        elif line.text.startswith("=========="):
            inside = False
        elif inside:
            _read(line, found[-1])
    return [one for one in found if one.error]


def _read(line: RunLine, section: _Section) -> None:
    if not section.error and (told := _ERROR.match(line.text)):
        section.error, section.line = told["error"], line
    elif (told := _PLACE.match(line.text)) and not (section.file and _FOREIGN.search(told["file"])):
        section.file, section.at_line = told["file"], int(told["line"])


def _plain(name: str) -> str:
    for words in _WORDS:
        name = name.removeprefix(words)
    return name


def _totals(lines: Sequence[RunLine]) -> Iterable[Observation]:
    for line in lines:
        if " in " in line.text and _TOTAL.match(line.text):
            counts = {
                found["what"].rstrip("s"): float(found["count"]) for found in _COUNTS.finditer(line.text)
            }
            numbers = {
                "failed": counts.get("failed", 0.0),
                "passed": counts.get("passed", 0.0),
                "errors": counts.get("error", 0.0),
            }
            if numbers["failed"] or numbers["errors"]:
                yield observation("test.summary", line, numbers, tool="pytest")


PARSER = Parser(marks=("FAILED", "ERROR", "\nE   ", " failed", " error"), observe=observe)
