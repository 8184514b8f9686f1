"""Why a playbook failed, in one sentence: the host, the task and the line that decides."""

from __future__ import annotations

import re
from collections.abc import Sequence

from infra.playbooks.events import Ended, Result, Status

_MOST_CHARACTERS = 400
#: what Ansible says where a command's own words are the reason
_EMPTY_WORDS = re.compile(
    r"^(non-zero return code|MODULE FAILURE.*|All items completed|One or more items failed.*|)$"
)
_DECISIVE = re.compile(
    r"(?i)\b(fatal|error|refused|denied|failed|cannot|can't|unable|no such|not found)\b|: not "
)
#: the noise before the words of a program's log: time, level
_LOG_NOISE = re.compile(r'^time="[^"]*" level=\w+ msg="?|^\[?ERROR\]?!?:? ?')


def decisive_line(text: str) -> str:
    r"""The line of a program's errors that says why: the last that names a failure, else the last.

    >>> decisive_line('starting\ntime="2026-01-02T03:04:05Z" level=fatal msg="token is wrong"\nbye')
    'token is wrong'
    """
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    telling = [line for line in lines if _DECISIVE.search(line)] or lines
    return _LOG_NOISE.sub("", telling[-1]).rstrip('"') if telling else ""


def reason(result: Result) -> str:
    """Why a task failed on its host, in a few words."""
    if result.hidden:
        return "it handles a secret, so its output is not shown"
    message = " ".join(result.message.split())
    if _EMPTY_WORDS.match(message):
        message = decisive_line(result.errors) or message or "it failed without a word"
    return message if len(message) <= _MOST_CHARACTERS else f"{message[:_MOST_CHARACTERS]}..."


def decisive(bad: Sequence[Result], ended: Ended | None) -> Result | None:
    """The result that ended the run: the first of a host that did not get over it.

    A failure that a ``rescue`` caught counts as none; of a host with one the last failure decides.
    """
    for result in bad:
        counts = ended.hosts.get(result.host) if ended else None
        if counts is None:
            return result
        if counts.failures + counts.unreachable:
            return (
                next(other for other in reversed(bad) if other.host == result.host)
                if counts.rescued
                else result
            )
    return None


def sentence(result: Result) -> str:
    """The failure of ``result`` for a person."""
    if result.status is Status.UNREACHABLE:
        return f"{result.host} can't be reached by SSH ({result.task}): {reason(result).rstrip('.')}."
    return f"{result.host}: '{result.task}' failed: {reason(result).rstrip('.')}."
