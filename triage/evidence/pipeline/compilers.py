"""Compilers and the linters of other languages: a file, a line and what is wrong there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from triage.evidence.item import Observation
from triage.evidence.pipeline.parser import Parser, observation
from triage.evidence.pipeline.run_line import RunLine

_TSC = re.compile(
    r"^(?P<file>\S+\.[cm]?tsx?)(?:\((?P<line>\d+),\d+\): error"
    r"|:(?P<line2>\d+):\d+ - error) (?P<rule>TS\d+): (?P<message>.+)$"
)
#: ESLint and Stylelint: the file alone on a line, below it the places
_FILE = re.compile(r"^(?:\S*/)?[\w@.\[\]-]+\.(?:[cm]?[jt]sx?|vue|svelte|css|scss)$")
_STYLISH = re.compile(r"^\s+(?P<line>\d+):\d+\s+(?:error|✖)\s+(?P<message>.+?)\s{2,}(?P<rule>[@\w][\w@/-]*)$")
_RUSTC = re.compile(
    r"^error(?:\[(?P<rule>E\d{4})\])?: (?P<message>(?!could not compile|aborting|process didn't).+)$"
)
_RUST_PLACE = re.compile(r"^\s*--> (?P<file>\S+\.rs):(?P<line>\d+):\d+$")
_JAVAC = re.compile(
    r"^(?:\[ERROR\] )?(?P<file>\S+\.(?:java|kt"
    r"|scala)):\[?(?P<line>\d+)(?:,\d+\])?:? (?:error: )?(?P<message>.+)$"
)
_GO = re.compile(
    r"^(?:\./)?(?P<file>\S+\.go):(?P<line>\d+):\d+: (?P<message>.+?)(?: \((?P<linter>[a-z]\w+)\))?$"
)
_C = re.compile(
    r"^(?P<file>\S+\.(?:c|cc|cpp|cxx|h|hpp|cu)):(?P<line>\d+):\d+: (?:fatal )?error: (?P<message>.+)$"
)
_CSHARP = re.compile(
    r"^(?P<file>\S+\.cs)\((?P<line>\d+),\d+\): error (?P<rule>CS\d+): (?P<message>.+?)(?: \[.+\])?$"
)
_COMPILED = (("javac", _JAVAC), ("go", _GO), ("cc", _C), ("csc", _CSHARP))


def observe(lines: Sequence[RunLine]) -> Iterable[Observation]:
    """A ``finding`` of linters and type checkers, ``build.failed`` of compilers."""
    file = ""
    for at, line in enumerate(lines):
        text = line.text.rstrip()
        if _FILE.match(text):
            file = text
        elif file and (found := _STYLISH.match(text)):
            yield _finding(line, "eslint", found["rule"], file, found["line"], found["message"])
        elif found := _TSC.match(text) if "error TS" in text else None:
            at_line = found["line"] or found["line2"]
            yield _finding(
                line, "tsc", found["rule"], found["file"], at_line, f"{found['rule']} {found['message']}"
            )
        elif found := _RUSTC.match(text) if text.startswith("error") else None:
            if place := next(
                (one for below in lines[at + 1 : at + 4] if (one := _RUST_PLACE.match(below.text))), None
            ):
                yield _uncompiled(line, "rustc", place["file"], place["line"], text)
        else:
            yield from _of_compiler(line, text)


def _of_compiler(line: RunLine, text: str) -> Iterable[Observation]:
    for tool, pattern in _COMPILED:
        if (found := pattern.match(text)) and "warning" not in text[:200].lower():
            linter = found.groupdict().get("linter")
            if linter:
                yield _finding(line, "golangci-lint", linter, found["file"], found["line"], found["message"])
            else:
                yield _uncompiled(line, tool, found["file"], found["line"], found["message"])
            return


def _finding(line: RunLine, tool: str, rule: str, file: str, at_line: str, message: str) -> Observation:
    return observation(
        "finding", line, {"line": float(at_line)}, tool=tool, rule=rule, severity="error", file=file,
        message=message, kind="lint",
    )  # fmt: skip


def _uncompiled(line: RunLine, tool: str, file: str, at_line: str, message: str) -> Observation:
    return observation(
        "build.failed", line, {"line": float(at_line)}, what="compile", tool=tool, file=file, error=message
    )


PARSER = Parser(
    marks=(
        *("error TS", "error  ", "\nerror", "error[E", ".java:", ".kt:", ".scala:", ".go:", "error CS"),
        *(": error: ", ": fatal error: ", "✖"),
    ),
    observe=observe,
)
