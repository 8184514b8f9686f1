"""The observations of one text: a run's log, or what one tool printed.

Where the text tells steps, as GitHub's logs do, only what stands in a step that failed counts: a scanner
that complains and passes broke nothing. A text without steps is what one tool said, and all of it counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from triage.evidence.item import Observation
from triage.evidence.pipeline import steps
from triage.evidence.pipeline.parser import Parser
from triage.evidence.pipeline.parsers import PARSERS
from triage.evidence.pipeline.run_line import NumberedText, RunLine, understood

#: of one text and one name; a cause needs a few, a flood of findings costs the reader
_MOST_OF_A_NAME = 200


def observe_pipeline(lines: Sequence[NumberedText]) -> Iterable[Observation]:
    """What the tools of a pipeline said in ``lines``, in the order of the lines."""
    whole = "\n" + "\n".join(line.text for line in lines)
    wanted = [parser for parser in (steps.PARSER, *PARSERS) if any(mark in whole for mark in parser.marks)]
    if not wanted:
        return []
    run = understood(lines)
    failed = list(steps.observe(run)) if steps.PARSER in wanted else []
    spans = _spans(run, failed)
    found = list(failed)
    for parser in wanted:
        if parser is not steps.PARSER:
            found += _within(parser, parser.observe(run), spans)
    return _bounded(sorted(found, key=lambda one: one.line))


def _spans(run: Sequence[RunLine], failed: Sequence[Observation]) -> Sequence[tuple[float, float]] | None:
    """The steps that failed, from their first line to the one that says so; None where no steps are told."""
    if not any(line.step for line in run):
        return None
    return [(one.numbers.get("began", 1.0), float(one.line)) for one in failed]


def _within(
    parser: Parser, found: Iterable[Observation], spans: Sequence[tuple[float, float]] | None
) -> Iterable[Observation]:
    for one in found:
        if spans is None or parser.of_whole_run or any(low <= one.line <= high for low, high in spans):
            yield one


def _bounded(found: Iterable[Observation]) -> Sequence[Observation]:
    counts: dict[str, int] = {}
    kept: list[Observation] = []
    for one in found:
        counts[one.name] = counts.get(one.name, 0) + 1
        if counts[one.name] <= _MOST_OF_A_NAME:
            kept.append(one)
    return kept
