"""Markdown of ours that quotes strangers, made harmless for GitHub: nobody is pinged, nothing is linked.

GitHub links mentions, issue numbers and addresses after it rendered the Markdown, so a backslash does not
help; an invisible space between the sign and the name does. Code is left as it is, since GitHub links nothing
there and people copy it. What counts as code is decided strictly: a fence at the start of a line, or a span
in a paragraph whose lines all close what they open.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

_BREAK = "\u200b"
_FENCE = re.compile(r"(`{3,})[^`]*")
_SPECIAL = re.compile(
    r"""
    (?P<mention>@(?=\S))
    | (?P<number>\#(?=\d))
    | (?P<issue>\bGH-(?=\d))
    | (?P<address>\bhttps?\\?://(?=(?:www\.)?github\.com))
    | (?P<entity>&(?=(?:\#\w+|commat|num);))
    | (?P<tag><(?!/?(?:details|summary)>|br>))
    """,
    re.VERBOSE | re.IGNORECASE,
)
_TICKS = re.compile(r"`+")


def neutral(markdown: str) -> str:
    """The same text with nothing that GitHub would act on.

    >>> neutral("thanks @all, see #12") == "thanks @\u200ball, see #\u200b12"
    True
    >>> neutral("run `kubectl set image x=y@sha256:1`")
    'run `kubectl set image x=y@sha256:1`'
    """
    done: list[str] = []
    for is_code, lines in _parts(markdown.split("\n")):
        done += lines if is_code else _paragraph(lines)
    return "\n".join(done)


def neutral_line(text: str) -> str:
    """The same for one line that is no Markdown, such as a title."""
    return _inert(" ".join(text.split()))


def cut(markdown: str, most: int, ending: str) -> str:
    """At most ``most`` characters: whole lines, an open fence closed, and ``ending`` where it was cut."""
    if len(markdown) <= most:
        return markdown
    kept: list[str] = []
    left = most - len(ending) - 2
    fence = ""
    for line in markdown.split("\n"):
        left -= len(line) + 1
        if left < len(fence) + 1:
            break
        kept.append(line)
        fence = _fence_after(fence, line)
    return "\n".join([*kept, *([fence] if fence else []), ending])


def _parts(lines: Iterable[str]) -> Iterator[tuple[bool, list[str]]]:
    """Fenced blocks, and what stands between blank lines and them."""
    fence = ""
    part: list[str] = []
    for line in lines:
        after = _fence_after(fence, line)
        if after and not fence:
            yield False, part
            part = [line]
        elif fence and not after:
            yield True, [*part, line]
            part = []
        elif not fence and not line.strip():
            yield False, [*part, line]
            part = []
        else:
            part.append(line)
        fence = after
    yield bool(fence), part


def _fence_after(fence: str, line: str) -> str:
    """The fence that is open after ``line``, or nothing."""
    if fence:
        bare = line.rstrip()
        return "" if len(bare) >= len(fence) and set(bare) == {"`"} else fence
    found = _FENCE.fullmatch(line)
    return found.group(1) if found else ""


def _paragraph(lines: list[str]) -> list[str]:
    """Lines outside of fences: spans of code are kept where it is sure that they are code."""
    spans = [_spans(line) for line in lines]
    if any(found is None for found in spans) or any(line.lstrip().startswith("<") for line in lines):
        return [_inert(line) for line in lines]
    return [_outside(line, found or []) for line, found in zip(lines, spans, strict=True)]


def _spans(line: str) -> list[tuple[int, int]] | None:
    """Where the line's spans of code are, or None when one does not close."""
    found: list[tuple[int, int]] = []
    at = 0
    while opened := _TICKS.search(line, at):
        if _is_escaped(line, opened.start()):
            at = opened.start() + 1
            continue
        ticks = opened.group()
        closed = next((end for end in _TICKS.finditer(line, opened.end()) if end.group() == ticks), None)
        if closed is None:
            return None
        found.append((opened.start(), closed.end()))
        at = closed.end()
    return found


def _outside(line: str, spans: list[tuple[int, int]]) -> str:
    done: list[str] = []
    at = 0
    for start, end in spans:
        done += [_inert(line[at:start]), line[start:end]]
        at = end
    return "".join([*done, _inert(line[at:])])


def _inert(text: str) -> str:
    return _SPECIAL.sub(_defused, text)


def _defused(found: re.Match[str]) -> str:
    sign = found.group()
    match found.lastgroup:
        case "tag":
            return sign if _is_escaped(found.string, found.start()) else "&lt;"
        case "entity":
            return "&amp;"
        case _:
            return sign + _BREAK


def _is_escaped(text: str, at: int) -> bool:
    """Whether an odd number of backslashes stands before it."""
    first = at
    # no copy of what stands before: a stranger's line may be long and full of such signs
    while first and text[first - 1] == "\\":
        first -= 1
    return (at - first) % 2 == 1
