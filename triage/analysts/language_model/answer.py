"""The shape of a language model's answer: only what code can check, and remedies only from a list."""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from triage.analysts.deterministic.signatures import SIGNATURES


class ClaimedKind(StrEnum):
    """The kinds of cause: the deterministic signatures' own, so that both can mean the same, and one more."""

    _ignore_ = ["kind"]  # noqa: RUF012 - an Enum takes it from its class body
    for kind in (*dict.fromkeys(signature.kind for signature in SIGNATURES), "other"):
        vars()[kind.upper().replace("-", "_")] = kind


class ClaimedRemedy(StrEnum):
    """What a person could do; the commands are the platform's own, never the model's."""

    LOOK_AT_STATUS = "look_at_status"
    READ_LOGS = "read_logs"
    ROLL_BACK = "roll_back"
    RESTART = "restart"
    FIND_CALLER = "find_caller"


class _Claimed(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class ClaimedCitation(_Claimed):
    """A line that the model says it read."""

    evidence: str
    line: int
    quote: str


class ClaimedCause(_Claimed):
    """A cause as the model states it, nothing of it checked yet."""

    kind: ClaimedKind
    title: str = Field(min_length=3, max_length=200)
    explanation: str = Field(min_length=3, max_length=2_000)
    confidence: float = Field(ge=0, le=1)
    remedy: ClaimedRemedy
    citations: list[ClaimedCitation] = Field(max_length=20)


class Answer(_Claimed):
    """The whole answer; an empty list is a good one."""

    causes: list[ClaimedCause] = Field(max_length=3)
