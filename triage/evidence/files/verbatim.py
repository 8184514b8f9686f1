"""Quotes that stand in a person's file as they are, also where a line was redacted or freed of colours.

Whoever checks a report by hand looks into the file and not into triage's copy of it. Of a line that was
altered, the longest unaltered piece is quoted: it stands in both.
"""

from __future__ import annotations

import re

from triage.evidence.tail import CONTROL

_PLACEHOLDER = re.compile(r"\[redacted:[a-z-]+:[0-9a-f]{4}\]")
#: a shorter piece proves nothing
_SHORTEST = 6


def verbatim(quote: str, original: str) -> str:
    """The quote, or its longest piece that stands in ``original``; the quote again where none does.

    >>> verbatim("url=[redacted:named:20d2] refused the password", "url=hunter22 refused the password")
    'refused the password'
    """
    if quote in original:
        return quote
    pieces = (*_PLACEHOLDER.split(quote), *CONTROL.split(original))
    shared = [piece.strip() for piece in pieces if piece.strip() in original and piece.strip() in quote]
    longest = max(shared, key=len, default="")
    return longest if len(longest) >= _SHORTEST else quote
