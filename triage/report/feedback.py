"""What a person says of a report: right or wrong, and which cause it was."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, Field

from homeostat.config import Document
from homeostat.matching import matching
from homeostat.redaction import redact

MOST_NOTE_CHARACTERS = 1_000
_KIND = matching("[a-z0-9][a-z0-9._-]{0,63}", "the kind of a cause, such as oom-killed")


class Verdict(StrEnum):
    """Whether the report named the cause."""

    RIGHT = "right"
    WRONG = "wrong"


class Feedback(Document):
    """One person's word on a report."""

    verdict: Verdict
    #: the kind of cause that it was
    cause: Annotated[str, _KIND] | None = None
    note: Annotated[str, Field(max_length=MOST_NOTE_CHARACTERS), AfterValidator(redact)] = ""


class GivenFeedback(Feedback):
    """Feedback as it was stored."""

    incident_id: str
    #: the kind of cause that the report had first when it was judged
    reported: str | None
    given_at: datetime
