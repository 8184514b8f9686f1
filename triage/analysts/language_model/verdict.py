"""Which of a language model's claims are kept: code decides, claim by claim."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from homeostat.redaction import redact
from triage.analysts.analysis import Cause, Citation, Hypothesis
from triage.analysts.analyst import Case
from triage.analysts.citations import problem_with, shows_runtime
from triage.analysts.language_model.answer import ClaimedCause
from triage.analysts.language_model.entities import invented
from triage.analysts.language_model.provenance import is_dictated, is_grounded
from triage.analysts.language_model.remedies import remedy_for

#: an address, a shell line or markup has no place in prose that only explains
_NOT_PROSE = re.compile(r"https?:|www\.|[`<>|;$\[\]{}]|&&|\b(?:curl|wget|sudo|kubectl|rm|chmod|bash|sh)\s+\S")
#: a model's word weighs less than a measurement
_MOST_CONFIDENCE = 0.6


@dataclass(frozen=True, slots=True)
class Dropped:
    """A claim that is not shown, and why."""

    reason: str


def judge(claim: ClaimedCause, case: Case, analyst: str) -> Cause | Hypothesis | Dropped:
    """A cause when everything holds, a hypothesis when its citations can't prove it, else nothing."""
    prose = f"{claim.title} {claim.explanation}"
    try:
        citations = tuple(
            Citation(evidence=one.evidence, line=one.line, quote=one.quote) for one in claim.citations
        )
    except ValueError:
        return Dropped("it cites an empty quote")
    if wrong := _wrong(prose, citations, case):
        return Dropped(wrong)
    if unproven := _unproven(claim.title, citations, case):
        return Hypothesis(
            title=redact(claim.title),
            explanation=redact(claim.explanation),
            why_unproven=unproven,
            found_by=analyst,
        )
    return Cause(
        kind=claim.kind.value,
        title=redact(claim.title),
        explanation=redact(claim.explanation),
        confidence=_confidence(claim, citations),
        remediation=(remedy_for(claim.remedy, case.scope),),
        citations=citations,
        found_by=analyst,
    )


def _wrong(prose: str, citations: Sequence[Citation], case: Case) -> str | None:
    """Why nothing of the claim may be shown, not even as a guess."""
    if _NOT_PROSE.search(prose):
        return "it holds a command, an address or markup where only prose may be"
    if is_dictated(prose, case.evidence, case.alert):
        return "it repeats text that is addressed to its reader"
    problems = (problem_with(one, case.evidence) for one in citations)
    if problem := next((problem for problem in problems if problem), None):
        return problem
    # a guess may name what some line names, a cause only what it cites
    known = _cited(citations, case) if citations else _all_of(case)
    made_up = invented(prose, f"{known} {_given(case)}")
    return f"{made_up} stands on none of the cited lines" if made_up else None


def _unproven(title: str, citations: Sequence[Citation], case: Case) -> str | None:
    """Why the claim is no more than a guess."""
    if not citations:
        return "it cites no evidence"
    if not shows_runtime(citations, case.evidence):
        return "it cites only changes, and nothing that the running system did"
    if not is_grounded(title, f"{_cited(citations, case)} {_given(case)}"):
        return "its title says nothing that the cited lines say"
    return None


def _all_of(case: Case) -> str:
    return " ".join(line.text for item in case.evidence for line in item.lines)


def _cited(citations: Sequence[Citation], case: Case) -> str:
    items = {item.id: item for item in case.evidence}
    return " ".join(items[one.evidence].text_of(one.line) or "" for one in citations)


def _given(case: Case) -> str:
    """The names that the alert itself gives: whoever reads the report knows them already."""
    return " ".join(case.alert.labels.values())


def _confidence(claim: ClaimedCause, citations: Sequence[Citation]) -> float:
    """What the model claims, at most what the breadth of its citations supports."""
    sources = len({citation.evidence for citation in citations})
    return round(min(claim.confidence, _MOST_CONFIDENCE, 0.3 + 0.1 * sources), 2)
