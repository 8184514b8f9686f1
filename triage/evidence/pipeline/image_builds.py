"""An image that could not be built: BuildKit, the older docker build, and buildah."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from triage.evidence.item import Observation
from triage.evidence.pipeline.parser import Parser, observation
from triage.evidence.pipeline.run_line import RunLine

_PROCESS = re.compile(
    r'process "(?P<instruction>.+?)" did not complete successfully: (?:exit code: |failed: )(?P<code>\d+)?'
    r"|(?:error )?building at STEP \"(?P<step>[^\"]+)\": (?P<why>.+)$"
    r"|The command '(?P<command>[^']+)' returned a non-zero code: (?P<exit>\d+)"
)
_SOLVE = re.compile(r"^(?:#\d+ )?ERROR: failed to (?:solve|build): (?:failed to solve: )?(?P<error>.+)$")
_MISSING = re.compile(
    r"(?P<error>failed to (?:compute|calculate)(?: checksum of ref)? (?:cache key)?"
    r'.*"(?P<file>[^"]+)": not found'
    r"|COPY failed: .+|ADD failed: .+|.*no items matching glob .+|.*checking on sources under .+no such .*)$"
)
_BASE = re.compile(
    r"(?P<error>(?:"
    r"(?:failed to resolve source metadata for|pull access denied for|manifest for) (?P<image>\S+)"
    r"|manifest unknown|repository does not exist).*)$"
)
_SYNTAX = re.compile(
    r"(?P<error>(?:dockerfile|Containerfile|Dockerfile) parse error.+|unknown instruction: .+)$"
)
_PLACE = re.compile(r"^(?P<file>(?:\S*/)?(?:Dockerfile|Containerfile)\S*):(?P<line>\d+)$")


def observe(lines: Sequence[RunLine]) -> Iterable[Observation]:
    """``build.failed`` for each word of the builder."""
    place = next((found for line in lines if (found := _PLACE.match(line.text))), None)
    for line in lines:
        told = _told(line.text) if any(mark in line.text for mark in _MARKS) else None
        if told:
            code = told.pop("code", "")
            numbers = {"line": float(place["line"])} if place else {}
            numbers |= {"exit_code": float(code)} if code else {}
            yield observation("build.failed", line, numbers, file=place["file"] if place else "", **told)


def _told(text: str) -> dict[str, str] | None:
    if found := _PROCESS.search(text):
        instruction = found["instruction"] or found["step"] or found["command"] or ""
        code = found["code"] or found["exit"] or ""
        return {"what": "instruction", "instruction": instruction, "error": text, "code": code}
    if found := _MISSING.search(text):
        return {"what": "missing-file", "error": found["error"], "missing": found["file"] or ""}
    if found := _BASE.search(text):
        return {"what": "base-image", "error": found["error"], "image": found["image"] or ""}
    if found := _SYNTAX.search(text):
        return {"what": "syntax", "error": found["error"]}
    if found := _SOLVE.match(text):
        return {"what": "other", "error": found["error"]}
    return None


_MARKS = (
    *("did not complete successfully", "building at STEP", "non-zero code", "failed to solve"),
    *("failed to build", "COPY failed", "ADD failed", "no items matching", "checking on sources"),
    *("failed to resolve source", "pull access denied", "manifest unknown", "manifest for"),
    *("repository does not exist", "parse error", "unknown instruction", "cache key"),
)
PARSER = Parser(marks=_MARKS, observe=observe)
