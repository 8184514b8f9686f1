"""Addresses that a link may lead to; whatever else a label or an annotation says stays text."""

from __future__ import annotations

import re

#: nothing that could end the markup around it, in HTML, Markdown or Slack's
_LINK = re.compile(r"https?://[A-Za-z0-9.-]+(?::\d{1,5})?(?:/[\w./~%&=?#+:@-]*)?", re.ASCII)


def is_link(text: str) -> bool:
    """Whether ``text`` is such an address.

    >>> is_link("https://triage.example:8443/incidents/1"), is_link("https://a.example/x)[y](z")
    (True, False)
    """
    return _LINK.fullmatch(text) is not None
