"""What a worker tells the master over its pipe: that it listens, or why it can't."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from homeostat.errors import HomeostatError


@dataclass(frozen=True, slots=True)
class Listening:
    """The worker accepts connections."""


@dataclass(frozen=True, slots=True)
class Failed:
    """The worker can't serve, and says why in one sentence."""

    sentence: str
    exit_code: int


Report = Listening | Failed


class WorkerFailed(HomeostatError):  # noqa: N818 - what happened, as Refused is
    """A worker could not start; it said why, and with which exit code."""

    def __init__(self, sentence: str, exit_code: int) -> None:
        self.exit_code = exit_code
        super().__init__(sentence)


def send(descriptor: int, report: Report) -> None:
    """Write ``report`` as one line; a master that is gone is not told."""
    match report:
        case Listening():
            line: dict[str, Any] = {}
        case Failed(sentence, exit_code):
            line = {"sentence": sentence, "exit_code": exit_code}
    with suppress(BrokenPipeError):
        os.write(descriptor, json.dumps(line).encode() + b"\n")


def parse_reports(received: bytes) -> list[Report]:
    r"""The whole lines among what was ``received``.

    >>> parse_reports(b'{}\n{"sentence": "No.", "exit_code": 3}\n{"sen')
    [Listening(), Failed(sentence='No.', exit_code=3)]
    """
    return [_report(json.loads(line)) for line in received.split(b"\n")[:-1]]


def _report(line: dict[str, Any]) -> Report:
    return Failed(line["sentence"], line["exit_code"]) if line else Listening()
