"""One report against the truth, by code alone: nobody's opinion, and none of triage's own checks."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from homeostat.redaction import redact
from triage.analysts.analysis import Cause, Citation
from triage.evaluation.scenario import Scenario, Verdict
from triage.report.document import Report

#: how many causes a reader follows up
_TOP = 3
#: the evidence that is the alert itself, for which there is no file
_ALERT = "alert"


@dataclass(frozen=True, slots=True)
class Score:
    """What came of one scenario; ratios are between 0 and 1."""

    scenario: Scenario
    #: kinds of cause, the most likely first
    found: tuple[str, ...]
    #: what the report says of its first cause; 0 when it abstains
    confidence: float
    entity_recall: float
    citations: int
    valid_citations: int
    cites_decisive: bool
    #: the canaries that the report shows
    leaked: tuple[str, ...]
    seconds: float

    @property
    def is_positive(self) -> bool:
        """Whether there is a cause to find."""
        return self.scenario.truth.verdict is not Verdict.NEGATIVE

    @property
    def top_1(self) -> bool:
        """Whether the first cause is right."""
        return self.found[:1] != () and self.found[0] in self.scenario.truth.causes

    @property
    def top_3(self) -> bool:
        """Whether one of the first three is."""
        return any(kind in self.scenario.truth.causes for kind in self.found[:_TOP])

    @property
    def abstained(self) -> bool:
        """Whether the report claims nothing."""
        return not self.found


def score(scenario: Scenario, report: Report, markdown: str, seconds: float) -> Score:
    """Judge what a reader would see."""
    sources = _sources(scenario)
    cited = [citation for cause in report.causes for citation in cause.citations]
    shown = json.dumps(report.model_dump(mode="json"), ensure_ascii=False) + markdown
    first = next(iter(report.causes), None)
    return Score(
        scenario=scenario,
        found=tuple(cause.kind for cause in report.causes),
        confidence=first.confidence if first else 0.0,
        entity_recall=_recall(scenario.truth.entities, first),
        citations=len(cited),
        valid_citations=sum(_holds(citation, sources) for citation in cited),
        cites_decisive=_cites(scenario.truth.decisive, first),
        leaked=tuple(canary for canary in scenario.truth.canaries if canary in shown),
        seconds=seconds,
    )


def _sources(scenario: Scenario) -> Mapping[str, Sequence[str]]:
    """The files' lines without secrets, each with white space flattened."""
    files = [path for path in scenario.evidence.rglob("*") if path.is_file()]
    return {str(path.relative_to(scenario.evidence)): _lines(path) for path in files}


def _lines(path: Path) -> Sequence[str]:
    text = path.read_text(encoding="utf-8", errors="replace")
    return [_flat(line) for line in redact(text).split("\n")]


def _holds(citation: Citation, sources: Mapping[str, Sequence[str]]) -> bool:
    """Whether the quote stands on that line of that file; the alert's own lines are no file's."""
    if citation.evidence == _ALERT:
        return True
    lines = sources.get(citation.evidence, ())
    return citation.line <= len(lines) and _flat(citation.quote) in lines[citation.line - 1]


def _cites(decisive: Mapping[str, Sequence[int]], cause: Cause | None) -> bool:
    return cause is not None and any(one.line in decisive.get(one.evidence, ()) for one in cause.citations)


def _recall(entities: Sequence[str], cause: Cause | None) -> float:
    if not entities:
        return 1.0
    if cause is None:
        return 0.0
    quotes = " ".join(citation.quote for citation in cause.citations)
    said = f"{cause.title} {cause.explanation} {quotes}".casefold()
    return sum(entity.casefold() in said for entity in entities) / len(entities)


def _flat(text: str) -> str:
    return " ".join(text.split())
