"""Why something could not be stored, as the metrics tell it apart."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy.exc import DBAPIError, OperationalError


class FailureKind(StrEnum):
    """What a person would have to look at."""

    #: somebody else holds the database
    LOCKED = "locked"
    #: its disk has no room left
    FULL = "full"
    #: it may only be read
    READ_ONLY = "read-only"
    #: it can't be reached, or hung up
    UNREACHABLE = "unreachable"
    #: more calls wait than this process will hold
    OVERLOADED = "overloaded"
    OTHER = "other"


#: parts of what SQLite and PostgreSQL say
_SAID = {
    FailureKind.LOCKED: ("is locked", "lock timeout", "table is locked", "deadlock detected"),
    FailureKind.FULL: ("is full", "no space left on device", "could not extend file"),
    FailureKind.READ_ONLY: ("readonly database", "read-only transaction"),
    FailureKind.UNREACHABLE: (
        "could not connect",
        "connection refused",
        "server closed the connection",
        "terminating connection",
        "unable to open database",
        "the database system is",
        "connection to server",
    ),
}


def kind_of(error: BaseException) -> FailureKind:
    """The kind of a failure by what the database said."""
    said = str(error).lower()
    return next((kind for kind, parts in _SAID.items() if any(part in said for part in parts)), _rest(error))


def affects_everybody(error: BaseException) -> bool:
    """Whether another statement would fail just so: the fault is the database's and not the statement's."""
    return isinstance(error, OperationalError) or kind_of(error) is not FailureKind.OTHER


def _rest(error: BaseException) -> FailureKind:
    lost = isinstance(error, DBAPIError) and error.connection_invalidated
    return FailureKind.UNREACHABLE if lost else FailureKind.OTHER
