"""Words of others, made short enough for a title without a name that is cut in two."""

from __future__ import annotations

import re

#: a word is not looked for further back than this
_FURTHEST = 40
_MARK = " ..."


def shortened(text: str, most: int) -> str:
    """At most so many characters, ending after a word, with dots where something was left out.

    >>> shortened("no resource matches the patch", 100), shortened("no resource matches the patch", 20)
    ('no resource matches the patch', 'no resource ...')
    """
    if len(text) <= most:
        return text
    cut = text[: most - len(_MARK) + 1]
    at = cut.rfind(" ", max(0, len(cut) - _FURTHEST))
    kept = cut[:at] if at > 0 else cut[:-1]
    return kept.rstrip(" ,;:([{'\"") + _MARK


#: a syslog line's time, host and program, or the time and level before a message
_BEFORE = re.compile(
    r"^(?:[A-Z][a-z]{2} +\d{1,2} [\d:]{8} \S+ [A-Za-z][\w.-]*(?:\[\d+\])?: "
    r"|(?:time=)?\"?\d{4}-\d\d-\d\d[T ][\d:.,]+(?:Z|[+-]\d\d:?\d\d)?\"? +)"
)


def bare(line: str) -> str:
    """The line without when, where and by which process it was written: a title names these itself.

    >>> bare("Nov 21 17:46:07 fin-2 kyc[18839]: yaml.parser.ParserError: while parsing")
    'yaml.parser.ParserError: while parsing'
    """
    return _BEFORE.sub("", line)
