"""Tests of other languages: Jest and Vitest, Go, Maven and Gradle, Cargo, Mocha, RSpec, PHPUnit."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from triage.evidence.item import Observation
from triage.evidence.pipeline.parser import Parser, observation
from triage.evidence.pipeline.run_line import RunLine
from triage.evidence.pipeline.shape import Shape

_SHAPES = (
    Shape("jest", re.compile(r"^\s+● (?P<test>(?!Console)\S.* \u203a .+|Test suite failed to run)$")),
    Shape(
        "vitest",
        re.compile(r"^\s*(?:\u276f|\u00d7|FAIL)\s+(?P<file>\S+\.[cm]?[jt]sx?) > (?P<test>.+?)(?: \d+m?s)?$"),
    ),
    Shape("go test", re.compile(r"^\s*--- FAIL: (?P<test>\S+) \([\d.]+s\)$")),
    Shape(
        "surefire",
        re.compile(
            r"^\[ERROR\]\s+(?P<test>[\w.$]+\.\w+(?:\(.*?\))?(?:\[\d+\])?)(?: -- "
            r"|\s+)Time elapsed: .+<<< (?:FAILURE|ERROR)!"
        ),
    ),
    Shape("gradle", re.compile(r"^(?P<test>[\w.$]+ > .+) FAILED$")),
    Shape("cargo test", re.compile(r"^---- (?P<test>\S+) stdout ----$")),
    Shape("rspec", re.compile(r"^rspec (?P<file>\./\S+\.rb):(?P<line>\d+) # (?P<test>.+)$")),
    Shape("phpunit", re.compile(r"^\d+\) (?P<test>[\w\\]+::\w+)(?: with .*)?$")),
    Shape(
        "ctest", re.compile(r"^\s*\d+/\d+ Test\s+#\d+: (?P<test>\S+) \.+\*\*\*(?:Failed|Exception|Timeout)")
    ),
)
_MARKS = (
    " \u203a ",
    "● Test suite",
    "--- FAIL: ",
    "<<< ",
    " FAILED",
    " stdout ----",
    "rspec ./",
    "::",
    " > ",
    "***",
)
_FILE = re.compile(r"^\s*FAIL\s+(?:\S+\s+)?(?P<file>\S+\.[cm]?[jt]sx?)\b")
#: where it failed: of Go, Java, JavaScript, Rust and PHP
_PLACE = re.compile(
    r"^\s+(?P<go>\w[\w./-]*_test\.go):(?P<goline>\d+): |\((?P<java>\w+\.(?:java|kt"
    r"|scala)):(?P<javaline>\d+)\)"
    r"|[(\s](?P<js>[\w./@-]+\.[cm]?[jt]sx?):(?P<jsline>\d+)(?::\d+)?\)?$"
    r"|panicked at (?:'.*', )?(?P<rs>[\w./-]+\.rs):(?P<rsline>\d+)|^(?P<php>/\S+\.php):(?P<phpline>\d+)$"
)
_ERROR = re.compile(
    r"^\s+\w[\w./-]*_test\.go:\d+: (?P<go>.+)$"
    r"|^(?:\s*|E\s+)(?P<named>(?:[\w.$]+\.)?[A-Z]\w*(?:Error|Exception|Failure)\b.*)$"
    r"|^\s+(?P<jest>expect\(.+\).*|Expected: .+|Error: .+)$|^\s*assertion (?P<rust>.+ failed.*)$"
    r"|^\s+Failure/Error: (?P<rspec>.+)$"
)
_TOTAL = re.compile(
    r"^Tests:\s+(?P<jest>\d+) failed"
    r"|^\[ERROR\] Tests run: \d+, Failures: (?P<maven>\d+), Errors: (?P<errors>\d+)"
    r"|^(?:\d+ tests completed, )(?P<gradle>\d+) failed|^test result: FAILED\..* (?P<rust>\d+) failed"
)
_MOST_LINES = 40


def observe(lines: Sequence[RunLine]) -> Iterable[Observation]:
    """``test.failed`` for each test once, with its error and place from the lines below it."""
    seen: set[str] = set()
    file = ""
    for at, line in enumerate(lines):
        if named := _FILE.match(line.text):
            file = named["file"]
        shape, found = _failed(line.text)
        if shape is None or found is None or found["test"] in seen:
            continue
        seen.add(found["test"])
        yield from _observed(shape, found, lines[at : at + _MOST_LINES], file)
    if seen:
        yield from _totals(lines)


def _failed(text: str) -> tuple[Shape | None, re.Match[str] | None]:
    # the cheap test first: a log has many lines
    if any(mark in text for mark in _MARKS):
        for shape in _SHAPES:
            if found := shape.pattern.match(text.rstrip()):
                return shape, found
    return None, None


def _observed(
    shape: Shape, found: re.Match[str], below: Sequence[RunLine], file: str
) -> Iterable[Observation]:
    error, place, at_line, cited = "", "", "", below[0]
    for line in below[1:]:
        if _failed(line.text)[1] is not None:
            break
        if not error and (told := _ERROR.match(line.text)):
            error, cited = next(text for text in told.groups() if text), line
        if not place and (where := _PLACE.search(line.text)) and "node_modules" not in line.text:
            kind = next(name for name in ("go", "java", "js", "rs", "php") if where[name])
            place, at_line = where[kind], where[f"{kind}line"]
    groups = found.groupdict()
    at_line = groups.get("line") or at_line
    numbers = {"line": float(at_line)} if at_line else {}
    own = groups.get("file") or (file if shape.tool == "jest" else "")
    yield observation(
        "test.failed", below[0], numbers, tool=shape.tool, test=found["test"], error=error, file=own or place,
        raised_in=place,
    )  # fmt: skip
    if error:
        yield observation("test.error", cited, numbers, test=found["test"], error=error, file=place)


def _totals(lines: Sequence[RunLine]) -> Iterable[Observation]:
    for line in lines:
        if found := _TOTAL.match(line.text):
            failed = next(float(count) for count in found.groups() if count)
            errors = float(found["errors"] or 0)
            passed = re.search(r"(\d+) passed", line.text)
            numbers = {"failed": failed, "errors": errors, "passed": float(passed[1]) if passed else 0.0}
            yield observation("test.summary", line, numbers)
            return


PARSER = Parser(
    marks=(
        " \u203a ",
        "● Test suite",
        "--- FAIL: ",
        "<<< FAILURE",
        "<<< ERROR",
        " FAILED",
        "rspec ./",
        "\u276f",
        " \u00d7 ",
        "***",
    ),
    observe=observe,
)
