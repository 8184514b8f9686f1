"""The standard library's unittest: which tests failed, and by what error."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from triage.evidence.item import Observation
from triage.evidence.pipeline.parser import Parser, observation
from triage.evidence.pipeline.run_line import RunLine

_HEADER = re.compile(r"^(?P<what>FAIL|ERROR): (?P<test>\S+) \((?P<where>[\w.<>]+)\)")
_FRAME = re.compile(r'^\s+File "(?P<file>[^"]+)", line (?P<line>\d+)')
_ERROR = re.compile(r"^(?:[A-Za-z_][\w.]*)(?:Error|Exception|Failure|Exit|Warning)\b.*")
_TOTAL = re.compile(r"^FAILED \((?P<counts>(?:failures|errors)=\d+.*)\)")
_RAN = re.compile(r"^Ran (?P<count>\d+) tests? in ")
#: a failure's section is a traceback; a longer one is not searched further
_MOST_LINES = 80


def observe(lines: Sequence[RunLine]) -> Iterable[Observation]:
    """``test.failed`` for each section, cited by its header; ``test.error``; ``test.summary``."""
    ran = 0.0
    for at, line in enumerate(lines):
        if found := _HEADER.match(line.text):
            test = (
                found["where"]
                if found["where"].endswith(found["test"])
                else f"{found['where']}.{found['test']}"
            )
            yield from _section(line, test, lines[at + 1 : at + _MOST_LINES])
        elif counted := _RAN.match(line.text):
            ran = float(counted["count"])
        elif total := _TOTAL.match(line.text):
            yield _summary(line, total["counts"], ran)


def _section(header: RunLine, test: str, rest: Sequence[RunLine]) -> Iterable[Observation]:
    file, numbers, error, cited = "", dict[str, float](), "", header
    for line in rest:
        if line.text.startswith("=====") or _RAN.match(line.text):
            break
        if frame := _FRAME.match(line.text):
            file, numbers = frame["file"], {"line": float(frame["line"])}
        elif not error and _ERROR.match(line.text):
            error, cited = line.text, line
    yield observation(
        "test.failed", header, numbers, tool="unittest", test=test, error=error, file=file, raised_in=file
    )
    if error:
        yield observation("test.error", cited, numbers, test=test, error=error, file=file)


def _summary(line: RunLine, text: str, ran: float) -> Observation:
    counts = {name: float(count) for name, count in re.findall(r"(\w+)=(\d+)", text)}
    failed, errors = counts.get("failures", 0.0), counts.get("errors", 0.0)
    numbers = {"failed": failed, "errors": errors, "passed": max(0.0, ran - failed - errors)}
    return observation("test.summary", line, numbers, tool="unittest")


PARSER = Parser(marks=("FAIL: ", "ERROR: "), observe=observe)
