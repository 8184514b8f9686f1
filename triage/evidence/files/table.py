"""Tables as kubectl and its kin print them: a header in capitals, columns by position."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from triage.evidence.tail import RawLine

#: columns are two blanks apart; a name of two words, such as LAST SEEN, has one
_COLUMN = re.compile(r"\S+(?: \S+)*")
_GAP = re.compile(r"\s{2,}|\t+")


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its cells by the header's names, in lower case."""

    line: RawLine
    cells: Mapping[str, str]

    def get(self, *names: str) -> str:
        """The first of these cells that there is; what stands for nothing is nothing."""
        found = next((self.cells[name] for name in names if self.cells.get(name)), "")
        return "" if found in {"<none>", "<unknown>", "<unset>"} else found


def rows(lines: Sequence[RawLine]) -> Iterable[Row]:
    """The rows below the header, which is the first of ``lines``; it may be printed again between them."""
    header = lines[0].raw
    columns = [(match.group().lower(), match.start()) for match in _COLUMN.finditer(header)]
    for line in lines[1:]:
        text = line.raw.rstrip()
        if text.strip() and text != header.rstrip() and not set(text) <= set("-= "):
            yield Row(line, _cells(text, columns))


def _cells(text: str, columns: Sequence[tuple[str, int]]) -> Mapping[str, str]:
    starts = [start for _, start in columns]
    aligned = all(start >= len(text) or start == 0 or text[start - 1] in " \t" for start in starts)
    if aligned and "\t" not in text:
        ends = [*starts[1:], len(text)]
        return {name: text[start:end].strip() for (name, start), end in zip(columns, ends, strict=True)}
    parts = _GAP.split(text.strip(), maxsplit=len(columns) - 1)
    return {name: part.strip() for (name, _), part in zip(columns, parts, strict=False)}
