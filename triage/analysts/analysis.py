"""What an analyst says: causes with citations, what was ruled out, and what stays a guess."""

from __future__ import annotations

from pydantic import Field

from homeostat.config import Document


class Citation(Document):
    """A line of evidence that says what a claim rests on."""

    evidence: str
    line: int
    quote: str = Field(min_length=1)


class Remedy(Document):
    """One step that a person may take, with the command that does it where there is one."""

    text: str
    command: str | None = None


class Cause(Document):
    """A root cause that the cited lines support."""

    #: a short name for the kind of cause, by which two analysts can mean the same
    kind: str
    title: str
    explanation: str
    confidence: float = Field(ge=0, le=1)
    remediation: tuple[Remedy, ...]
    citations: tuple[Citation, ...] = Field(min_length=1)
    found_by: str


class RuledOut(Document):
    """A cause that was considered and that the evidence speaks against."""

    kind: str
    title: str
    reason: str
    citations: tuple[Citation, ...] = Field(min_length=1)


class Hypothesis(Document):
    """A guess: said by an analyst, not shown by the evidence."""

    title: str
    explanation: str
    why_unproven: str
    found_by: str


class Usage(Document):
    """What an analysis took of a language model; nothing for an analyst that asks none."""

    calls: int = Field(default=0, ge=0)
    input_tokens: int = Field(default=0, ge=0)
    output_tokens: int = Field(default=0, ge=0)
    #: by the prices in the settings
    cost_usd: float = Field(default=0.0, ge=0)
    #: an answer to the same question was used again
    cached: bool = False


class Analysis(Document):
    """An analyst's answer; no cause at all is a good answer when nothing fits."""

    analyst: str
    causes: tuple[Cause, ...] = ()
    ruled_out: tuple[RuledOut, ...] = ()
    hypotheses: tuple[Hypothesis, ...] = ()
    #: what was looked for and could be neither found nor ruled out
    not_seen: tuple[str, ...] = ()
    #: for each claim that did not survive the check, why
    dropped: tuple[str, ...] = ()
    usage: Usage = Usage()
