"""The contract of a destination: it shows a message once, and from then on it edits what it showed.

Between a destination's 200 and our commit of the post's id lies a moment in which a crash leaves a post that
we know nothing of. So every post carries a hidden marker with the incident's id; whoever is in doubt looks
for the marker first and adopts what is found.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Protocol

from homeostat.errors import HomeostatError
from triage.destinations.message import Message


class Outcome(StrEnum):
    """What became of one attempt, as the metrics tell it apart."""

    #: shown for the first time
    SENT = "sent"
    #: what was shown was brought up to date
    EDITED = "edited"
    #: a post of a former attempt was found by its marker and brought up to date
    ADOPTED = "adopted"
    #: what is shown is what is wanted: nothing was asked of the destination
    UNCHANGED = "unchanged"
    #: asked to wait (429)
    RATE_LIMITED = "rate_limited"
    #: the token is missing, revoked, or lacks a right (401, 403)
    UNAUTHORISED = "unauthorised"
    #: another 4xx: no retry can mend it
    REFUSED = "refused"
    #: what was shown was deleted by somebody
    GONE = "gone"
    #: 5xx
    SERVER_ERROR = "server_error"
    #: connected, and no answer in time
    TIMEOUT = "timeout"
    #: not reached at all
    CONNECTION = "connection"
    #: the answer broke off, or was no answer of this API
    HALF_RESPONSE = "half_response"
    #: a file could not be written
    STORAGE = "storage"
    #: nobody can tell whether a former attempt arrived
    UNDECIDED = "undecided"
    #: a mistake of ours
    ERROR = "error"


#: no retry mends these; a person has to look (dead letter)
PERMANENT = frozenset({Outcome.UNAUTHORISED, Outcome.REFUSED, Outcome.GONE, Outcome.UNDECIDED})

#: the destination as a whole is in trouble, not this one message
TROUBLE = frozenset(
    {
        Outcome.UNAUTHORISED,
        Outcome.SERVER_ERROR,
        Outcome.TIMEOUT,
        Outcome.CONNECTION,
        Outcome.HALF_RESPONSE,
        Outcome.STORAGE,
    }
)

#: the message may have been taken all the same, unless the failure says otherwise
MAY_HAVE_ARRIVED = frozenset(
    {Outcome.SERVER_ERROR, Outcome.TIMEOUT, Outcome.HALF_RESPONSE, Outcome.ERROR, Outcome.UNDECIDED}
)


class DeliveryFailed(HomeostatError):  # noqa: N818 - named after what it is, like the kernel's Refused
    """One attempt failed; the sentence says why, and the outcome what to do."""

    def __init__(self, outcome: Outcome, sentence: str, wait: timedelta | None = None) -> None:
        super().__init__(sentence)
        self.outcome = outcome
        #: how long the destination asked us to wait
        self.wait = wait
        #: what the attempt posted before it failed; the next one edits that
        self.posted: str | None = None


@dataclass(frozen=True, slots=True)
class Doubt:
    """A former attempt may have arrived; ``age`` is how long ago that was at most, None for any time."""

    age: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """The message is shown; ``external_id`` is by what the destination knows the post."""

    external_id: str
    outcome: Outcome


class Destination(Protocol):
    """One place where reports are shown."""

    @property
    def name(self) -> str:
        """By what outbox, routes and metrics call it."""
        ...

    def revision(self, message: Message) -> str:
        """A digest of exactly what would be shown; equal digests need no delivery."""
        ...

    def deliver(self, message: Message, known: str | None, doubt: Doubt | None) -> Receipt:
        """Show ``message``: edit the post ``known``, or post anew.

        In ``doubt`` and without ``known`` the post of a former attempt is looked for, and edited if found.

        Raises:
            DeliveryFailed: when it is not shown, or nobody can tell.
        """
        ...
