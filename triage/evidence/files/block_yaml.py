"""YAML as programs print it, with the line of every part.

kubectl, Argo CD and people write block style with a handful of scalar forms. That much is read here, line by
line, and forgivingly: text that stops in the middle, or that no parser would take, still says what it says.
Scalars stay text; whoever reads them knows what they are.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from triage.evidence.files.located import Located
from triage.evidence.kubernetes.statement import Path
from triage.evidence.tail import RawLine

_KEY = re.compile(
    r"(?P<key>\"(?:[^\"\\]|\\.)*\"|'[^']*'|[^\s'\"#\[{][^:#]*?|[^\s'\"#\[{][^#]*?):(?:\s+(?P<value>.*))?$"
)
_BLOCK = re.compile(r"[|>][-+]?\d?$")
_DEEPEST = 60


@dataclass(slots=True)
class _Source:
    """The lines that say something, each with its indent, and the place of the reading."""

    lines: list[tuple[int, str, int]]
    at: int = 0
    numbers: dict[Path, int] = field(default_factory=dict[Path, int])


def read_yaml(lines: Sequence[RawLine]) -> Located:
    """The one document in ``lines``."""
    told = [(len(line.raw) - len(line.raw.lstrip(" ")), line.raw.strip(), line.number) for line in lines]
    source = _Source([one for one in told if one[1] and not one[1].startswith("#")])
    value = _node(source, -1, ()) if source.lines else None
    return Located(value, {(): source.lines[0][2] if source.lines else 1, **source.numbers})


def _node(source: _Source, above: int, path: Path) -> Any:
    """What stands deeper than ``above``, from the present line on."""
    if source.at >= len(source.lines) or len(path) > _DEEPEST:
        return None
    indent, text, _ = source.lines[source.at]
    if indent <= above and not (text.startswith("- ") and indent == above):
        return None
    if text == "-" or text.startswith("- "):
        return _list(source, indent, path)
    return _mapping(source, indent, path) if _KEY.match(text) else _words(source, above)


def _list(source: _Source, indent: int, path: Path) -> list[Any]:
    found: list[Any] = []
    while source.at < len(source.lines):
        deep, text, number = source.lines[source.at]
        if deep != indent or not (text == "-" or text.startswith("- ")):
            break
        inner = (*path, len(found))
        source.numbers[inner] = number
        rest = text[1:].lstrip()
        if not rest:
            source.at += 1
            found.append(_node(source, indent, inner))
        elif _KEY.match(rest) and rest[0] not in "\"'":
            # the item's first key stands on the dash's own line
            source.lines[source.at] = (deep + len(text) - len(rest), rest, number)
            found.append(_mapping(source, deep + len(text) - len(rest), inner))
        else:
            source.at += 1
            found.append(_scalar(source, rest, indent))
    return found


def _mapping(source: _Source, indent: int, path: Path) -> dict[str, Any]:
    found: dict[str, Any] = {}
    while source.at < len(source.lines):
        deep, text, number = source.lines[source.at]
        match = _KEY.match(text)
        if deep < indent or (deep == indent and match is None):
            break
        source.at += 1
        if deep > indent or match is None:
            # what fits nowhere is passed over
            continue
        key = match["key"].strip("\"'")
        inner = (*path, key)
        source.numbers.setdefault(inner, number)
        value = (match["value"] or "").strip()
        found[key] = _scalar(source, value, indent) if value else _node_below(source, indent, inner)
    return found


def _node_below(source: _Source, indent: int, path: Path) -> Any:
    """A list may stand as deep as its key."""
    if source.at < len(source.lines):
        deep, text, _ = source.lines[source.at]
        if deep == indent and (text == "-" or text.startswith("- ")):
            return _list(source, indent, path)
    return _node(source, indent, path)


def _scalar(source: _Source, text: str, indent: int) -> Any:
    if _BLOCK.match(text):
        return _words(source, indent, "\n")
    if text in {"{}", "[]"}:
        return {} if text == "{}" else []
    if text in {"null", "~"}:
        return None
    # a long plain or quoted text goes on below, deeper
    while source.at < len(source.lines) and source.lines[source.at][0] > indent and _goes_on(text):
        text = f"{text} {source.lines[source.at][1]}"
        source.at += 1
    return _unquoted(text)


def _goes_on(text: str) -> bool:
    if text[0] == '"':
        return not (len(text) > 1 and text.endswith('"') and not text.endswith('\\"'))
    if text[0] == "'":
        return not (len(text) > 1 and text.endswith("'"))
    return True


def _words(source: _Source, above: int, between: str = " ") -> str:
    found: list[str] = []
    while source.at < len(source.lines) and source.lines[source.at][0] > above:
        found.append(source.lines[source.at][1])
        source.at += 1
    return between.join(found)


def _unquoted(text: str) -> str:
    if len(text) > 1 and text[0] == text[-1] == '"':
        try:
            return str(json.loads(text))
        except ValueError:
            return text[1:-1]
    if len(text) > 1 and text[0] == text[-1] == "'":
        return text[1:-1].replace("''", "'")
    return text.split(" #", 1)[0].rstrip()
