"""The part of YAML that K3s' configuration files are written in: one flat mapping to scalars and lists.

What lies outside is refused, never guessed at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_KEY = re.compile(r"(?P<key>[A-Za-z][\w-]*\+?|\"[^\"]+\"|'[^']+')\s*:(?:\s+(?P<rest>.*))?$")
_PLAIN_REFUSED = tuple("&*!|>{}@`%")
_ESCAPES = {"n": "\n", "t": "\t", '"': '"', "\\": "\\", "/": "/"}


class UnreadableError(ValueError):
    """The text is no YAML of this subset; the message names the line."""


def parse(text: str) -> dict[str, str | list[str]]:
    """The mapping in ``text``; every scalar is a string, as a flag's value is.

    >>> parse('token: "a#b"\\ntls-san:\\n  - 10.0.0.1 # VIP\\ncluster-init: true\\n')
    {'token': 'a#b', 'tls-san': ['10.0.0.1'], 'cluster-init': 'true'}

    Raises:
        UnreadableError: when the text is anything else.
    """
    found: dict[str, str | list[str]] = {}
    key = ""
    for number, line in _lines(text):
        if (item := re.match(r"\s*-(?:\s+(.*))?$", line)) and key:
            items = found[key] or []
            if isinstance(items, str):
                raise UnreadableError(f"line {number}: a list under '{key}', which has a value already")
            found[key] = [*items, _scalar(item[1] or "", number)]
            continue
        match = _KEY.match(line)
        if match is None:
            raise UnreadableError(
                f"line {number}: '{line.strip()}' is neither 'key: value' nor a list's item"
            )
        key = match["key"].strip("\"'")
        if key in found:
            raise UnreadableError(f"line {number}: the key '{key}' stands here a second time")
        found[key] = _value(match["rest"] or "", number)
    return found


def _lines(text: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(text.splitlines(), 1):
        if "\t" in line[: len(line) - len(line.lstrip())]:
            raise UnreadableError(f"line {number}: indented with a tab")
        if line.strip() and not line.lstrip().startswith("#") and line.rstrip() not in {"---", "{}"}:
            yield number, line.rstrip()


def _value(rest: str, number: int) -> str | list[str]:
    if rest.startswith("["):
        inside = _without_comment(rest)
        if not inside.endswith("]"):
            raise UnreadableError(f"line {number}: a list in brackets must end on its line")
        return [_scalar(part, number) for part in _split(inside[1:-1])]
    return _scalar(rest, number)


def _split(text: str) -> list[str]:
    parts = re.findall(r"""\s*("(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^,]+)\s*(?:,|$)""", text)
    return [part.strip() for part in parts if part.strip()]


def _scalar(text: str, number: int) -> str:
    text = text.strip()
    if text[:1] in {'"', "'"}:
        return _quoted(text, number)
    text = _without_comment(text)
    if text.startswith(_PLAIN_REFUSED) or re.search(r":(\s|$)", text):
        raise UnreadableError(
            f"line {number}: '{text}' is no plain value: quote it, or write one that is flat"
        )
    return "" if text in {"~", "null", "[]"} else text


def _quoted(text: str, number: int) -> str:
    pattern = r'"((?:[^"\\]|\\.)*)"' if text[0] == '"' else r"'((?:[^']|'')*)'"
    match = re.match(pattern + r"\s*(?:#.*)?$", text)
    if match is None:
        raise UnreadableError(f"line {number}: {text} is not quoted to its end")
    if text[0] == "'":
        return match[1].replace("''", "'")
    escapes = re.findall(r"\\(.)", match[1])
    if unknown := [escape for escape in escapes if escape not in _ESCAPES]:
        raise UnreadableError(f"line {number}: the escape \\{unknown[0]} is not known here")
    return re.sub(r"\\(.)", lambda escape: _ESCAPES[escape[1]], match[1])


def _without_comment(text: str) -> str:
    return re.sub(r"(^|\s)#.*$", "", text).strip()
