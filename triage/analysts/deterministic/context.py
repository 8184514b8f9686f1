"""The lines around a complaint that name what it is about: a traceback's frames, a parser's file and line."""

from __future__ import annotations

import re
from collections.abc import Sequence

from triage.analysts.citations import gives_instructions
from triage.analysts.deterministic.facts import Fact
from triage.evidence.item import Observation


def nearby(fact: Fact, pattern: re.Pattern[str], before: int, after: int) -> Sequence[Fact]:
    """The matching lines at most so far from the fact's own, in the same source, the closest first."""
    own = fact.observation.line
    near = [line for line in fact.item.lines if own - before <= line.number <= own + after]
    matching = [
        Fact(
            fact.item,
            Observation(
                name="line",
                line=line.number,
                at=fact.at,
                texts={"text": line.text.strip(), **{k: v for k, v in found.groupdict().items() if v}},
            ),
        )
        for line in near
        if line.number != own
        if (found := pattern.search(line.text)) and not gives_instructions(line.text)
    ]
    return sorted(matching, key=lambda one: abs(one.observation.line - own))
