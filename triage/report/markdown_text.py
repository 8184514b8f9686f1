"""Text that nobody vouches for, made harmless inside Markdown."""

from __future__ import annotations

import re

from triage.report.unseen import visible

#: an underscore inside a word is no markup, and names are easier to read and copy without a backslash
_SPECIAL = re.compile(r"([\\`*{}\[\]<>#|!~]|(?<!\w)_|_(?!\w))")
#: what makes a bare address a link
_LINK = re.compile(r"(?i)\b(https?|ftp)://|\bwww\.")


def prose(text: str) -> str:
    r"""One line of plain text: no markup, link or heading survives.

    >>> prose("see [this](http://x)\n# now")
    'see \\[this\\](http\\://x) \\# now'
    """
    escaped = _SPECIAL.sub(r"\\\1", _line(text))
    return _LINK.sub(lambda link: re.sub(r"([:.])", r"\\\1", link.group(0), count=1), escaped)


def code(text: str) -> str:
    """A code span of one line, its fence longer than any run of backticks inside."""
    line = _line(text) or " "
    fence = "`" * (_longest_run(line) + 1)
    padded = f" {line} " if line.startswith("`") or line.endswith("`") else line
    return f"{fence}{padded}{fence}"


def block(text: str, language: str = "text") -> str:
    """A fenced block that its content can't close."""
    fence = "`" * max(3, _longest_run(text) + 1)
    return f"{fence}{language}\n{text}\n{fence}"


def _line(text: str) -> str:
    """Every run of white space as one space, and what can't be seen by its number."""
    return visible(" ".join(text.split()))


def _longest_run(text: str) -> int:
    return max((len(run) for run in re.findall(r"`+", text)), default=0)
