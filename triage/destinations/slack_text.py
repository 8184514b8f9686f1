"""Text that nobody vouches for, made harmless inside a Slack message.

Slack reads ``<!channel>``, ``<@U123>`` and links between angle brackets; so these are escaped. A bare
``@channel`` counts only where Slack is asked to parse, which we never do; it is broken up all the same.
"""

from __future__ import annotations

import re

from homeostat.redaction import redact

#: what a client would obey instead of show: control characters and changes of direction
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_MENTION = re.compile(r"@(?=\w)")
_ENTITY_TAIL = re.compile(r"&[a-z]{0,3}$")
#: between the @ and the name; nobody sees it
_BREAK = "\u200b"
_ELLIPSIS = "…"


def plain(text: str, most: int) -> str:
    """One line of text as Slack wants it, redacted, at most ``most`` characters after escaping.

    >>> plain("<!channel> 1 < 2 & 3", 40)
    '&lt;!channel&gt; 1 &lt; 2 &amp; 3'
    """
    line = redact(_UNSEEN.sub(" ", " ".join(text.split())))
    return cut(_MENTION.sub(f"@{_BREAK}", _escaped(line)), most)


def code(text: str, most: int) -> str:
    """A code span of one line; a backtick inside would end it."""
    return f"`{plain(text.replace('`', chr(0x2019)), most - 2)}`"


def cut(escaped: str, most: int) -> str:
    """At most ``most`` characters, with no half of an entity at the end."""
    if len(escaped) <= most:
        return escaped
    return _ENTITY_TAIL.sub("", escaped[: most - 1]) + _ELLIPSIS


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
