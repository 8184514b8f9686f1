"""What ``kubectl describe`` prints, as a tree: keys with a value beside them and more below them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from triage.evidence.tail import RawLine

_KEY = re.compile(r"(?P<key>[A-Za-z0-9][^:]{0,80}?):(?:\s+(?P<value>.*))?$")


@dataclass(slots=True)
class Part:
    """One line and what stands deeper below it; a row of a table has no key."""

    key: str
    value: str
    line: RawLine
    indent: int
    below: list[Part] = field(default_factory=list["Part"])

    def get(self, *keys: str) -> Part | None:
        """The part under that chain of keys."""
        found: Part | None = self
        for key in keys:
            found = next((one for one in found.below if one.key == key), None) if found else None
        return found

    def text(self, *keys: str) -> str:
        """The value there; what kubectl writes for nothing is nothing."""
        found = self.get(*keys)
        value = found.value.strip() if found else ""
        return "" if value in {"<none>", "<unset>", "<nil>", "<unknown>"} else value

    def walk(self) -> Iterator[Part]:
        """All below, in the order of the text."""
        for one in self.below:
            yield one
            yield from one.walk()


def outlined(lines: Sequence[RawLine]) -> Part:
    """The tree of one object; its root has no key and stands on the first line."""
    root = Part("", "", lines[0], -1)
    above = [root]
    for line in lines:
        text = line.raw.strip()
        if not text:
            continue
        indent = len(line.raw) - len(line.raw.lstrip(" \t"))
        while above[-1].indent >= indent:
            above.pop()
        match = _KEY.match(text)
        part = (
            Part(match["key"], match["value"] or "", line, indent) if match else Part("", text, line, indent)
        )
        above[-1].below.append(part)
        above.append(part)
    return root
