"""Text that nobody vouches for, made harmless inside Markdown."""

from __future__ import annotations

import re

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|!~])")


def prose(text: str) -> str:
    r"""One line of plain text: no markup, link or heading survives.

    >>> prose("see [this](http://x)\n# now")
    'see \\[this\\](http://x) \\# now'
    """
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))


def code(text: str) -> str:
    """A code span of one line, its fence longer than any run of backticks inside."""
    line = " ".join(text.split()) or " "
    fence = "`" * (_longest_run(line) + 1)
    padded = f" {line} " if line.startswith("`") or line.endswith("`") else line
    return f"{fence}{padded}{fence}"


def block(text: str, language: str = "text") -> str:
    """A fenced block that its content can't close."""
    fence = "`" * max(3, _longest_run(text) + 1)
    return f"{fence}{language}\n{text}\n{fence}"


def _longest_run(text: str) -> int:
    return max((len(run) for run in re.findall(r"`+", text)), default=0)
