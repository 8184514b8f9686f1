"""Linters and type checkers: a file, a line, a rule and what is wrong there, as they print it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from triage.evidence.item import Observation
from triage.evidence.pipeline.parser import Parser, observation
from triage.evidence.pipeline.run_line import RunLine
from triage.evidence.pipeline.shape import Shape

_PY = r"(?P<file>[^\s:]+\.(?:pyi?|ipynb))"
_YAML = r"(?P<file>[^\s:]+\.ya?ml)"
_AT = r":(?P<line>\d+):(?P<column>\d+)"


_SHAPES = (
    # ruff's and flake8's are the same
    Shape(
        "flake8",
        re.compile(rf"^{_PY}{_AT}: (?P<rule>[A-Z]{{1,4}}\d{{2,4}}):? (?:\[\*\] )?(?P<message>.+)$"),
    ),
    Shape("ruff", re.compile(rf"^{_PY}{_AT}: (?P<rule>invalid-syntax|SyntaxError): (?P<message>.+)$")),
    Shape(
        "pyright",
        re.compile(rf"^\s*{_PY}{_AT} - error: (?P<message>.+?)(?: \((?P<rule>report\w+)\))?$"),
    ),
    Shape(
        "mypy",
        re.compile(rf"^{_PY}:(?P<line>\d+)(?::\d+)?: error: (?P<message>.+?)(?:\s+\[(?P<rule>[\w-]+)\])?$"),
    ),
    Shape(
        "yamllint",
        re.compile(rf"^{_YAML}{_AT}: \[error\] (?P<message>.+?)(?: \((?P<rule>[\w-]+)\))?$"),
    ),
    Shape("actionlint", re.compile(rf"^{_YAML}{_AT}: (?P<message>.+?) \[(?P<rule>[a-z][\w-]+)\]$")),
    Shape(
        "hadolint",
        re.compile(
            r"^(?P<file>\S*(?:Docker|Container)file\S*):(?P<line>\d+) (?P<rule>(?:DL"
            r"|SC)\d+) error: (?P<message>.+)$"
        ),
    ),
    Shape("black", re.compile(rf"^would reformat {_PY}$")),
    Shape("ruff format", re.compile(r"^Would reformat: (?P<file>\S+)$")),
    Shape(
        "import-linter",
        re.compile(r"^(?P<file>[\w.]+) is not allowed to import (?P<message>[\w.]+):$"),
    ),
    Shape(
        "shellcheck",
        re.compile(
            r"^(?P<file>\S+):(?P<line>\d+):\d+: (?:error|warning|note): (?P<message>.+) \[(?P<rule>SC\d+)\]$"
        ),
    ),
)
#: ruff in full, zizmor: what is wrong, and on one of the next lines where
_WHAT = re.compile(
    r"^(?:(?P<rule>[A-Z]{1,4}\d{2,4}|invalid-syntax|unformatted):? (?:\[\*\] )?(?P<message>\S.*)"
    r"|(?P<level>error|warning|help|info)\[(?P<audit>[a-z-]+)\]: (?P<told>.+))$"
)
_WHERE = re.compile(r"^\s*--> (?P<file>[^\s:]+):(?P<line>\d+):\d+$")
#: yamllint for people, and for GitHub: the file, and below it the places
_FILE = re.compile(r"^(?:\S+/)?\S+\.ya?ml$")
_PLACE = re.compile(r"^\s+(?P<line>\d+):\d+\s+error\s+(?P<message>.+?)(?:\s+\((?P<rule>[\w-]+)\))?$")
_PLACE_GITHUB = re.compile(r"^(?P<line>\d+):\d+ (?:\[(?P<rule>[\w-]+)\] )?(?P<message>.+)$")
#: only with one of these does a name like E501 come from ruff
_RUFF = re.compile(
    r"^(?:Found \d+ errors?\.|\[\*\] \d+ fixable|error: Failed to|.*\bruff (?:check|format)\b)"
)
_AT_A_PLACE = re.compile(r"(?:\.(?:pyi?|ipynb|ya?ml|sh)|file\S*):\d")
_WITHOUT_A_PLACE = ("reformat", "is not allowed to import")
_REPORT = re.compile(r"\((?P<rule>report\w+)\)$")


def observe(lines: Sequence[RunLine]) -> Iterable[Observation]:
    """A ``finding`` for each place."""
    python = "ruff" if any(_RUFF.match(line.text) or "[*]" in line.text for line in lines) else "flake8"
    for at, line in enumerate(lines):
        if (one := _on_one_line(line, lines[at + 1 : at + 4], python)) is not None:
            yield one
    yield from _on_two_lines(lines)
    yield from _below_a_file(lines)


def _on_one_line(line: RunLine, rest: Sequence[RunLine], python: str) -> Observation | None:
    # the cheap test first: a log has many lines
    if not (_AT_A_PLACE.search(line.text) or any(words in line.text for words in _WITHOUT_A_PLACE)):
        return None
    text = line.text.rstrip()
    for shape in _SHAPES:
        if found := shape.pattern.match(text):
            told = found.groupdict()
            tool = python if shape.tool == "flake8" else shape.tool
            rule = told.get("rule") or (_rule_below(rest) if tool == "pyright" else "")
            return _finding(line, tool, rule, told["file"], told.get("line"), told.get("message") or text)
    return None


def _rule_below(rest: Sequence[RunLine]) -> str:
    for line in rest:
        if not line.text[:1].isspace():
            break
        if found := _REPORT.search(line.text):
            return found["rule"]
    return ""


def _on_two_lines(lines: Sequence[RunLine]) -> Iterable[Observation]:
    what: re.Match[str] | None = None
    told: RunLine | None = None
    for line in lines:
        if what and told and line.text.lstrip().startswith("-->") and (where := _WHERE.match(line.text)):
            tool = "zizmor" if what["audit"] else "ruff format" if what["rule"] == "unformatted" else "ruff"
            rule, message = what["rule"] or what["audit"], what["message"] or what["told"]
            yield _finding(told, tool, rule, where["file"], where["line"], message)
            what = None
        elif found := _WHAT.match(line.text):
            what, told = found, line


def _below_a_file(lines: Sequence[RunLine]) -> Iterable[Observation]:
    file, grouped = "", False
    for line in lines:
        if _FILE.match(line.text):
            file, grouped = line.text, line.mark == "group"
        elif not file:
            continue
        elif found := _PLACE.match(line.text) or _for_github(line, grouped=grouped):
            yield _finding(line, "yamllint", found["rule"], file, found["line"], found["message"])
        elif line.mark == "endgroup" or not line.text.strip():
            file = ""


def _for_github(line: RunLine, *, grouped: bool) -> re.Match[str] | None:
    return _PLACE_GITHUB.match(line.text) if grouped and line.mark == "error" else None


def _finding(
    line: RunLine, tool: str, rule: str | None, file: str, at_line: str | None, message: str
) -> Observation:
    numbers = {"line": float(at_line)} if at_line else {}
    # ruff's S rules are Bandit's tests under another name
    kind = "sast" if re.fullmatch(r"S\d{3}", rule or "") else "lint"
    return observation(
        "finding", line, numbers, tool=tool, rule=rule or "", severity="error", file=file, message=message,
        kind=kind,
    )  # fmt: skip


PARSER = Parser(
    marks=(
        *(".py:", ".pyi:", ".yml:", ".yaml:", ".ipynb:", ".sh:"),
        *("file:", "--> ", "reformat", " error  ", "is not allowed to import"),
        *("[group]", "::group::"),
    ),
    observe=observe,
)
