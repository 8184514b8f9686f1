"""What a terminal or a browser would obey, or hide, instead of show."""

from __future__ import annotations

import re

#: control characters, changes of direction, what has no width, tags, and halves of surrogate pairs
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\ud800-\udfff\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)


def visible(text: str) -> str:
    r"""``text`` with each such character as its number; tabs and ends of lines stay.

    >>> visible("\x1b[2J \u202egnp")
    '\\x1b[2J \\u202egnp'
    """
    return _UNSEEN.sub(_number, text)


def _number(match: re.Match[str]) -> str:
    code = ord(match.group(0))
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
