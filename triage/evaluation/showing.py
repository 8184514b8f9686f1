"""The evaluation for people: tables in a terminal, the same as Markdown, and as JSON for machines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from triage.evaluation.readers import Judged
from triage.evaluation.running import Evaluation
from triage.evaluation.scoring import Score
from triage.evaluation.summary import Share, Summary, calibration_error, reliability, summaries

_COLUMNS = ("", "top-1", "top-3", "abstained", "cites proof", "citations hold", "entities", "leaks")


def tables(evaluation: Evaluation, readers: Sequence[Judged]) -> Group:
    """Figures by set, confidence beside right, what went wrong, and what readers said."""
    figures = Table(*_COLUMNS, title="Deterministic analyst")
    for row in _rows(evaluation):
        figures.add_row(*row)
    trust = Table("stated", "mean", "right", title="Confidence")
    for row in _trust(evaluation.scores):
        trust.add_row(*row)
    wrong = Table("scenario", "expected", "found", title="Missed")
    for row in _missed(evaluation.scores):
        wrong.add_row(*(Text(cell) for cell in row))
    said = Table("first cause", "right", "wrong", "it was instead", title="Readers' feedback")
    for one in readers:
        said.add_row(one.kind, str(one.right), str(one.wrong), ", ".join(one.instead))
    return Group(figures, trust, *(table for table in (wrong, said) if table.row_count))


def markdown(evaluation: Evaluation) -> str:
    """The same tables for a page."""
    parts = (
        (_COLUMNS, _rows(evaluation)),
        (("stated", "mean", "right"), _trust(evaluation.scores)),
        (("missed", "expected", "found"), _missed(evaluation.scores)),
    )
    return "\n".join(line for columns, rows in parts for line in _table(columns, rows))


def as_json(evaluation: Evaluation, readers: Sequence[Judged]) -> Mapping[str, Any]:
    """Every figure, every scenario, and what readers said."""
    bins = reliability(evaluation.scores)
    return {
        "summaries": [_figures(one) for one in summaries(evaluation.scores)],
        "by_alert_name": {"top_1": _ratio(_guessed(evaluation))},
        "calibration_error": calibration_error(bins),
        "scenarios": [_one(one) for one in evaluation.scores],
        "feedback": [asdict(one) for one in readers],
    }


def _rows(evaluation: Evaluation) -> Iterable[Sequence[str]]:
    for one in summaries(evaluation.scores):
        shares = (one.top_1, one.top_3, one.abstained, one.decisive, one.citations)
        recall = "-" if one.entity_recall is None else f"{one.entity_recall:.0%}"
        yield (one.name, *map(str, shares), recall, str(one.leaks))
    yield ("the alert's name alone", str(_guessed(evaluation)), "-", "never", "-", "-", "-", "-")


def _guessed(evaluation: Evaluation) -> Share:
    pairs = zip(evaluation.scores, evaluation.guessed, strict=True)
    hits = [right for one, right in pairs if one.is_positive]
    return Share(sum(hits), len(hits))


def _trust(scores: Sequence[Score]) -> Iterable[Sequence[str]]:
    bins = reliability(scores)
    for one in bins:
        yield (f"{one.low:.0%} to {one.high:.0%}", f"{one.stated:.0%}", str(one.right))
    yield ("calibration error", f"{calibration_error(bins):.3f}", "")


def _missed(scores: Sequence[Score]) -> Iterable[Sequence[str]]:
    for one in scores:
        right = one.top_1 if one.is_positive else one.abstained
        if not right:
            expected = " or ".join(one.scenario.truth.causes) or "nothing"
            yield (one.scenario.name, expected, ", ".join(one.found) or "nothing")


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterable[str]:
    yield "| " + " | ".join(columns) + " |"
    yield "|---" * len(columns) + "|"
    for row in rows:
        yield "| " + " | ".join(row) + " |"
    yield ""


def _figures(one: Summary) -> Mapping[str, Any]:
    return {
        "name": one.name,
        "top_1": _ratio(one.top_1),
        "top_3": _ratio(one.top_3),
        "abstained": _ratio(one.abstained),
        "cites_decisive": _ratio(one.decisive),
        "valid_citations": _ratio(one.citations),
        "entity_recall": one.entity_recall,
        "leaks": one.leaks,
        "slowest_seconds": one.slowest_seconds,
    }


def _ratio(share: Share) -> Mapping[str, Any]:
    return {"hits": share.hits, "of": share.of, "ratio": share.ratio}


def _one(one: Score) -> Mapping[str, Any]:
    truth = one.scenario.truth
    return {
        "name": one.scenario.name,
        "held_out": one.scenario.is_held_out,
        "verdict": truth.verdict.value,
        "origin": truth.origin.value,
        "expected": list(truth.causes),
        "found": list(one.found),
        "confidence": one.confidence,
        "top_1": one.top_1,
        "top_3": one.top_3,
        "abstained": one.abstained,
        "entity_recall": one.entity_recall,
        "valid_citations": one.valid_citations,
        "citations": one.citations,
        "cites_decisive": one.cites_decisive,
        "leaked": list(one.leaked),
        "seconds": one.seconds,
    }
