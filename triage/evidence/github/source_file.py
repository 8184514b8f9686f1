"""The lines that a log names, as they were at the run's commit; only of files inside the repository."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import PurePosixPath

from triage.evidence.item import EvidenceItem, EvidenceKind, EvidenceStatus, Line, Observation
from triage.evidence.tail import numbered

#: the observations that name a file, the most telling first
_NAMING = ("finding", "test.error", "test.failed", "crash", "manifest.error", "build.failed")
_MOST_FILES = 5
_AROUND = 6
_MOST_LINES = 120
#: where runners put a checkout
_CHECKOUT = re.compile(
    r"^(?:/home/[^/]+/(?:actions-runner/)?_?work/[^/]+/[^/]+|/github/workspace|/__w/[^/]+/[^/]+)/"
)
_PATH = re.compile(r"[\w@+][\w.@+ -]*(?:/[\w@+.][\w.@+ -]*)*")
_MOST_PATH = 300


def named_files(items: Iterable[EvidenceItem]) -> Mapping[str, Sequence[int]]:
    """The files that the logs name, each with the lines that they name, the most telling first."""
    found: dict[str, list[int]] = {}
    observations = [one for item in items for one in item.observations]
    for name in _NAMING:
        for one in (one for one in observations if one.name == name):
            for text in ("raised_in", "file"):
                path = inside(one.texts.get(text, ""))
                if path is None or (path not in found and len(found) >= _MOST_FILES):
                    continue
                lines = found.setdefault(path, [])
                # the number belongs to where it was raised, if that is told
                if "line" in one.numbers and (text == "raised_in" or not one.texts.get("raised_in")):
                    lines.append(int(one.numbers["line"]))
    return found


def inside(named: str) -> str | None:
    """The path inside the repository that a log names; None for one that leads out of it.

    >>> inside("./src/load.py"), inside("/home/runner/work/shop/shop/src/load.py")
    ('src/load.py', 'src/load.py')
    >>> inside("../secrets.py") is inside("/etc/passwd") is inside("site-packages/a.py") is None
    True
    """
    path = _CHECKOUT.sub("", named.strip()).removeprefix("./")
    if len(path) > _MOST_PATH or not _PATH.fullmatch(path):
        return None
    parts = PurePosixPath(path).parts
    foreign = {"..", ".git", "site-packages", "dist-packages", "node_modules"}
    return None if foreign & set(parts) or "." not in parts[-1] else path


def file_item(path: str, commit: str, content: str, named: Sequence[int], now: datetime) -> EvidenceItem:
    """The named lines with those around them; the file's first ones where no line is named."""
    lines = numbered(content.removesuffix("\n").split("\n"))
    wanted = {at for number in named or [1] for at in range(number - _AROUND, number + _AROUND + 1)}
    kept = [line for line in lines if line.number in wanted][:_MOST_LINES]
    shown = {line.number for line in kept}
    return EvidenceItem(
        id=f"github.file.{path}",
        source=f"{path} at {commit[:12]}",
        kind=EvidenceKind.CHANGE,
        collected_at=now,
        status=EvidenceStatus.OK if kept else EvidenceStatus.EMPTY,
        note=f"{len(kept)} of {len(lines)} lines",
        lines=tuple(Line(number=line.number, text=line.text) for line in kept),
        observations=tuple(
            Observation(name="source", line=number, texts={"file": path})
            for number in dict.fromkeys(named)
            if number in shown
        ),
    )
