"""Which step of the run failed, and how: by its exit code, by GitHub's word, or by make's."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from triage.evidence.item import Observation
from triage.evidence.pipeline.parser import Parser, observation
from triage.evidence.pipeline.run_line import RunLine

_EXIT = re.compile(r"^(?:Error: )?Process completed with exit code (?P<code>\d+)")
_ACT_FAILED = re.compile(r"^❌\s+Failure - (?:Main )?(?P<step>.+?)(?: \[[\d.]+m?s\])?$")
_ACT_EXIT = re.compile(r"exitcode '(?P<code>\d+)': failure")
_MAKE = re.compile(
    r"^g?make(?:\[\d+\])?: \*\*\* (?:"
    r"\[(?:[^\]\s]*:\d+: )?(?P<target>[^\]]+)\] (?:Error (?P<code>\d+)|(?P<signal>\w+))"
    r"|(?P<message>No rule to make target .+))"
)
#: of our own pipeline's stages
_STAGE = re.compile(
    r"^(?P<stage>checks|scan|ct|package|image|handoff|rollout) (?P<outcome>refused|failed): (?P<sentence>.+)"
)
#: other systems' words for the end of a job, or of one command of it
_JOB = re.compile(
    r"^(?:ERROR: Job failed(?:: exit (?:code|status) (?P<gitlab>\d+))?"
    r"|ERROR: script returned exit code (?P<jenkins>\d+)"
    r"|Finished: (?:FAILURE|ABORTED)|(?:Bash|PowerShell|Cmd\.exe"
    r"|Script)\S* exited with code '?(?P<azure>[1-9]\d*)'?"
    r"|Exited with code exit status (?P<circle>[1-9]\d*)|The command \"(?P<step>.+)\" (?:exited with"
    r"|failed and exited with) "
    r"(?P<travis>[1-9]\d*)|.*Error: The command exited with status (?P<buildkite>[1-9]\d*))"
)
#: GitHub's own words for a step that it ended itself
_ENDED = re.compile(
    r"^(?:Error: )?(?:The operation was canceled"
    r"|The (?:job|action|runner) .*(?:exceeded the maximum execution time|timed out|has received a shutdown)"
    r"|The hosted runner (?:lost communication|encountered an error))"
)


def observe(lines: Sequence[RunLine]) -> Iterable[Observation]:
    """One observation for every word of failure; the first is the one that matters."""
    for line in lines:
        yield from _of(line)


def _of(line: RunLine) -> Iterable[Observation]:
    text = line.text
    if found := _EXIT.match(text) or _ACT_EXIT.search(text):
        numbers = {"exit_code": float(found["code"]), "began": float(line.began)}
        yield observation("step.failed", line, numbers, job=line.job, step=line.step, error=text)
    elif found := _MAKE.match(text):
        numbers = {"began": float(line.began)}
        if found["code"]:
            numbers["exit_code"] = float(found["code"])
        step = line.step or (f"make {found['target']}" if found["target"] else "make")
        yield observation("step.failed", line, numbers, job=line.job, step=step, error=text)
    elif found := _JOB.match(text):
        codes = [value for name, value in found.groupdict().items() if name != "step" and value]
        numbers = {"began": float(line.began), **({"exit_code": float(codes[0])} if codes else {})}
        step = line.step or found["step"] or ""
        yield observation("step.failed", line, numbers, job=line.job, step=step, error=text)
    elif found := _STAGE.match(text):
        step = line.step or found["stage"]
        numbers = {"began": float(line.began)}
        yield observation("step.failed", line, numbers, job=line.job, step=step, error=text)
    elif _ENDED.match(text) or (found := _ACT_FAILED.match(text)):
        step = line.step or (found["step"] if (found := _ACT_FAILED.match(text)) else "")
        yield observation(
            "step.failed", line, {"began": float(line.began)}, job=line.job, step=step, error=text
        )


PARSER = Parser(
    marks=(
        "exit code ",
        "exitcode '",
        ": *** ",
        " refused: ",
        " failed: ",
        "The operation was canceled",
        "maximum execution time",
        "timed out",
        "shutdown signal",
        "The hosted runner",
        "Failure - ",
        *("ERROR: Job failed", "ERROR: script returned", "Finished: ", "exited with", "Exited with code"),
    ),
    observe=observe,
    of_whole_run=True,
)
