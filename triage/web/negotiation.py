"""Who asks: a browser gets a page, everybody else what a program reads."""

from __future__ import annotations


def prefers_html(accept: str) -> bool:
    """Whether the header ``Accept`` names HTML, and nothing of ours higher; ``*/*`` alone is a program's.

    >>> prefers_html("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8")
    True
    >>> [prefers_html(accept) for accept in ("*/*", "text/markdown", "", "text/html;q=0.5, text/markdown")]
    [False, False, False, False]
    """
    weights = dict(_weight(part) for part in accept.lower().split(","))
    html = weights.get("text/html", 0.0)
    others = (weights.get(name, 0.0) for name in ("text/markdown", "text/plain", "application/json"))
    return html > 0 and html >= max(others)


def _weight(part: str) -> tuple[str, float]:
    name, *parameters = (piece.strip() for piece in part.split(";"))
    for parameter in parameters:
        if parameter.startswith("q="):
            try:
                return name, float(parameter[2:])
            except ValueError:
                return name, 0.0
    return name, 1.0
