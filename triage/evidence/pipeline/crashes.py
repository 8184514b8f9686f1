"""A program that ended by its own error: a traceback, our training harness's sentence, a missing program."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from triage.evidence.item import Observation
from triage.evidence.pipeline.parser import Parser, observation
from triage.evidence.pipeline.run_line import RunLine

_BEGIN = re.compile(r"^\s*(?:\|\s*)?Traceback \(most recent call last\):")
_FRAME = re.compile(r'^\s*File "(?P<file>[^"]+)", line (?P<line>\d+)(?:, in (?P<function>\S+))?')
_ERROR = re.compile(r"^(?P<exception>(?:[A-Za-z_]\w*\.)*[A-Z]\w*)(?:: (?P<message>.*))?$")
#: of the training harness: what a model's own code did
_RAISED = re.compile(r"(?P<reference>[\w.]+:\w+): raised (?P<exception>\w+): (?P<message>.+)$")
_BROKE = re.compile(r"(?:training|packaging) (?P<model>[a-z][a-z0-9_]*) broke with exit code (?P<code>\d+)")
_NO_PROGRAM = re.compile(
    r"(?:^|: )(?:line \d+: )?(?P<program>[\w./+-]+): (?:command )?not found\s*$"
    r"|exec: \"(?P<executable>[^\"]+)\": executable file not found in \$PATH"
    r"|make(?:\[\d+\])?: (?P<made>[\w./+-]+): No such file or directory"
)
_NO_RIGHT = re.compile(r"(?:line \d+: |^/?\S*sh: )(?P<program>[\w./+-]+): Permission denied\s*$")
_NO_TARGET = re.compile(r"make(?:\[\d+\])?: \*\*\* (?P<error>No rule to make target .+)$")
#: with one of these a traceback belongs to a test, and the test's parser tells of it
_OF_TESTS = ("FAIL: ", "ERROR: test", "short test summary", "= FAILURES =", "= ERRORS =")
_MOST_LINES = 200
#: the standard library and what is installed are where an error surfaces, seldom where it is
_FOREIGN = re.compile(r"/(?:site-packages|dist-packages|lib/python3\.\d+)/|^<")


def observe(lines: Sequence[RunLine]) -> Iterable[Observation]:
    """``crash`` for each traceback and each sentence of the harness; ``script.error`` for the shell's."""
    tested = any(mark in line.text for line in lines for mark in _OF_TESTS)
    for at, line in enumerate(lines):
        if not tested and "Traceback" in line.text and _BEGIN.match(line.text):
            yield from _traceback(lines[at + 1 : at + _MOST_LINES])
        elif "raised " in line.text and (raised := _RAISED.search(line.text)):
            error = f"{raised['exception']}: {raised['message']}"
            yield observation(
                "crash", line, None, exception=raised["exception"], error=error, file=raised["reference"],
                training="yes",
            )  # fmt: skip
        elif broke := _BROKE.search(line.text):
            yield observation(
                "training.broke", line, {"exit_code": float(broke["code"])}, model=broke["model"]
            )
        else:
            yield from _shell(line)


def _traceback(rest: Sequence[RunLine]) -> Iterable[Observation]:
    frames: list[re.Match[str]] = []
    for line in rest:
        if frame := _FRAME.match(line.text):
            frames.append(frame)
        elif not frames:
            return
        elif line.text and not line.text.startswith(" ") and (error := _ERROR.match(line.text)):
            yield _crash(line, error, frames)
            return


def _crash(line: RunLine, error: re.Match[str], frames: Sequence[re.Match[str]]) -> Observation:
    own = [frame for frame in frames if not _FOREIGN.search(frame["file"])]
    at = (own or frames)[-1]
    trains = any(re.search(r"train|model|/ct/|fit", frame["file"]) for frame in own)
    return observation(
        "crash", line, {"line": float(at["line"])}, exception=error["exception"].rsplit(".", 1)[-1],
        error=line.text, file=at["file"], function=at["function"] or "", training="yes" if trains else "",
    )  # fmt: skip


def _shell(line: RunLine) -> Iterable[Observation]:
    text = line.text
    if found := _NO_PROGRAM.search(text) if "o such file" in text or "not found" in text else None:
        program = found["program"] or found["executable"] or found["made"] or ""
        yield observation("script.error", line, None, what="missing-program", program=program, error=text)
    elif found := _NO_RIGHT.search(text) if "Permission denied" in text else None:
        yield observation(
            "script.error", line, None, what="not-executable", program=found["program"], error=text
        )
    elif found := _NO_TARGET.search(text) if "No rule" in text else None:
        yield observation(
            "script.error", line, None, what="missing-target", program="make", error=found["error"]
        )


PARSER = Parser(
    marks=(
        *("Traceback (most", "raised ", "broke with exit code"),
        *("not found", "o such file", "Permission denied", "No rule to"),
    ),
    observe=observe,
)
