"""Packages that can't be had together, or at all, or whose bytes are not those that were locked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from triage.evidence.item import Observation
from triage.evidence.pipeline.parser import Parser, observation
from triage.evidence.pipeline.run_line import RunLine

_CONFLICT = re.compile(
    r"^(?:ERROR: )?Cannot install (?P<package>.+?) because these package versions have conflicting"
)
_UV = re.compile(r"^\W*(?:error:)?\s*No solution found when resolving dependencies")
_BECAUSE = re.compile(r"^\s*(?:╰─▶|cause:|└─▶)?\s*(?:And )?(?P<error>(?:Because|because) .+)$")
_NOT_FOUND = re.compile(
    r"^(?:ERROR: )?(?:No matching distribution found for"
    r"|Could not find a version that satisfies the requirement) (?P<package>\S+)"
)
_HASHES = re.compile(r"THESE PACKAGES DO NOT MATCH THE HASHES|[Hh]ash mismatch (?:for|in)")
_POETRY = re.compile(r"^\s*(?P<error>(?:Because .+ depends on .+|.*version solving failed\.?))$")
_NPM = re.compile(r"^npm (?:ERR!|error) (?P<error>(?:code ERESOLVE|ERESOLVE .+|code E404|404 .+))$")
_WHEEL = re.compile(r"^\s*(?:ERROR: )?(?:Failed building wheel for|Failed to build) (?P<package>[\w.-]+)")
_REQUIRES = re.compile(r"^ERROR: Package '(?P<package>[^']+)' requires a different Python: (?P<error>.+)$")
#: the lock does not fit what is asked for: of npm, uv, poetry, pnpm, yarn, cargo and Go
_LOCK = re.compile(
    r"(?P<error>(?:The lockfile at \S+ needs to be updated|.*package-lock\.json.* are in sync"
    r"|Missing: (?P<package>\S+) "
    r"from lock file|pyproject\.toml changed significantly since poetry\.lock|.*ERR_PNPM_OUTDATED_LOCKFILE"
    r"|.*lockfile (?:would have been modified|needs to be updated)|.*missing go\.sum entry"
    r"|.*updates to go\.mod needed"
    r"|the lock file \S+ needs to be updated but --locked).*)$"
)
_SUBJECT = re.compile(r"\b(?P<package>[A-Za-z][\w.-]*)(?:==|>=|<=|~=|!=|<|>)[\w.*]+")
#: pip says the same when it could not reach the index
_UNREACHABLE = re.compile(
    r"after connection broken by|Failed to establish a new connection|Temporary failure in name"
)
#: uv explains at length; the end of it names what the project itself asked for
_OWN = re.compile(r"[Bb]ecause (?:your project|your workspace|you require)")
_AHEAD = 60


#: what a line says -> what it means; the package or the error is named by the pattern where it is told
_SHAPES = (
    ("conflict", _CONFLICT),
    ("not-found", _NOT_FOUND),
    ("hash", _HASHES),
    ("lock", _LOCK),
    ("python", _REQUIRES),
    ("wheel", _WHEEL),
    ("conflict", _POETRY),
    ("conflict", _NPM),
)


def observe(lines: Sequence[RunLine]) -> Iterable[Observation]:
    """``dependency.error``, the most telling line of each complaint."""
    unreachable = any(_UNREACHABLE.search(line.text) for line in lines if "onnection" in line.text)
    for at, line in enumerate(lines):
        # the cheap test first: a log has many lines
        if not any(mark in line.text for mark in _MARKS):
            continue
        if "No solution" in line.text and _UV.match(line.text):
            yield _unsolved(line, lines[at + 1 : at + _AHEAD])
            continue
        for what, shape in _SHAPES:
            found = shape.search(line.text)
            if found and not (unreachable and what == "not-found"):
                told = found.groupdict()
                package, error = told.get("package") or "", told.get("error") or line.text
                yield observation("dependency.error", line, None, what=what, package=package, error=error)
                break


def _unsolved(line: RunLine, rest: Sequence[RunLine]) -> Observation:
    told = next((below for below in rest if _OWN.search(below.text)), None)
    for below in (*((told,) if told else ()), *rest):
        if because := _BECAUSE.match(below.text):
            error = because["error"]
            packages = ", ".join(found[0] for found in _SUBJECT.finditer(error))
            missing = "there is no version" in error or "was not found" in error
            what = "not-found" if missing else "conflict"
            return observation("dependency.error", below, None, what=what, package=packages, error=error)
    return observation("dependency.error", line, None, what="conflict", error=line.text)


_MARKS = (
    *("Cannot install ", "No solution found", "No matching distribution", "Could not find a version"),
    *("HASHES", "ash mismatch", "version solving failed", "depends on", "ERESOLVE", "E404"),
    *("ockfile", "lock file", "in sync", "poetry.lock", "go.sum", "go.mod"),
    *("Failed building wheel", "Failed to build", "a different Python"),
)
PARSER = Parser(marks=_MARKS, observe=observe)
