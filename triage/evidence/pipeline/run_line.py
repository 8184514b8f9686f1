"""One line of a run's log, without what GitHub, ``gh``, act or a terminal put around it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

#: longer lines are cut before they are searched; no tool says what matters further right
_MOST_CHARACTERS = 8_000
#: ``gh run view --log``: job, step and the rest by tabs
_GH = re.compile(r"^(?P<job>[^\t]{1,200})\t(?P<step>[^\t]{0,300})\t(?P<rest>\ufeff?\d{4}-\d\d-\d\dT.*)$")
_TIME = re.compile(r"^\ufeff?(?P<at>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d+)?Z(?: |$)")
#: act: ``[workflow/job]   | text``
_ACT = re.compile(r"^\[(?P<job>[^\]]{1,120})\]\s{1,8}(?:\| ?)?")
#: the second form is what is left where the escape character itself was lost
_COLOUR = re.compile(
    r"\x1b\[[0-9;?]*[A-Za-z]|\[\d{1,3}(?:;\d{1,3}){0,4}m(?![\w\]])|\[(?:0|1|[349]\d)(?:;\d+)*m"
)
_MARK = re.compile(
    r"^##\[(?P<mark>error|warning|group|endgroup|command|debug|notice|section)\](?P<rest>.*)$"
    r"|^::(?P<name>error|warning|group|endgroup|notice)(?: (?P<fields>[^:]*(?::[^:]+)*?))?::(?P<said>.*)$"
)
#: BuildKit: the number of its step and the seconds since it began
_BUILDKIT = re.compile(r"^#\d+ \d+\.\d+ ")
_RUN = re.compile(r"^Run\s+(?P<command>.+)$")


class NumberedText(Protocol):
    """A line with its number in the source, from 1: an evidence item's line is one, and a file's raw line."""

    @property
    def number(self) -> int:
        """The source's own number."""
        ...

    @property
    def text(self) -> str:
        """The line, redacted."""
        ...


@dataclass(frozen=True, slots=True)
class RunLine:
    """What a tool printed on one line, and where in the run."""

    number: int
    text: str
    #: what GitHub made of it: ``error``, ``warning``, ``group`` ..., or the empty string
    mark: str = ""
    #: GitHub's time of it, as it is written
    stamp: str = ""
    job: str = ""
    #: the step's name, or the command that it runs, as far as the log tells it
    step: str = ""
    #: the number of the line at which its step begins; 1 where the log tells no steps
    began: int = 1

    @property
    def at(self) -> datetime | None:
        """When it was printed, as far as the log tells."""
        try:
            return datetime.fromisoformat(self.stamp).replace(tzinfo=UTC) if self.stamp else None
        except ValueError:
            return None


@dataclass(slots=True)
class _Place:
    job: str = ""
    step: str = ""
    began: int = 1


def understood(lines: Iterable[NumberedText]) -> Sequence[RunLine]:
    r"""The lines as their tools printed them.

    >>> from triage.evidence.item import Line
    >>> understood([Line(number=7, text="2026-01-02T03:04:05.1Z ##[error]\x1b[31mno\x1b[0m")])[0].text
    'no'
    """
    place = _Place()
    return [_line(line.number, line.text[:_MOST_CHARACTERS], place) for line in lines]


def _line(number: int, text: str, place: _Place) -> RunLine:
    text = text.rstrip("\r\n")
    if "\t" in text and (told := _GH.match(text)):
        _enter(place, number, told["job"], told["step"] if told["step"] != "UNKNOWN STEP" else place.step)
        text = told["rest"]
    elif text.startswith("[") and (told := _ACT.match(text)) and "/" in told["job"]:
        place.job = told["job"]
        text = text[told.end() :]
    stamp = ""
    if timed := _TIME.match(text):
        stamp = timed["at"]
        text = text[timed.end() :]
    if "[" in text:
        text = _COLOUR.sub("", text)
    if text.startswith("#"):
        text = _BUILDKIT.sub("", text)
    mark = ""
    if text.startswith(("##[", "::")) and (marked := _MARK.match(text)):
        mark = marked["mark"] or marked["name"]
        text = marked["rest"] if marked["mark"] else marked["said"]
    if mark == "group" and (run := _RUN.match(text)):
        _enter_step(place, number, run["command"].strip())
    return RunLine(number, text, mark, stamp, place.job, place.step, place.began)


def _enter(place: _Place, number: int, job: str, step: str) -> None:
    if (job, step) != (place.job, place.step):
        place.job, place.step, place.began = job, step, number


def _enter_step(place: _Place, number: int, command: str) -> None:
    # with gh's prefix the step is known already, and its command says nothing new
    if not place.job or "/" in place.job:
        place.step, place.began = command, number
