"""The errors of serving that a person or a client sees.

HomeostatError
+-- BundleError      a model bundle is incomplete or contradicts itself
+-- BadRequest       a request says something that it may not: the client is told, with an HTTP status
+-- BadAnswer        the model answered something that can't be probabilities
+-- ClientLeft       nobody waits for the answer any more, so it was not computed
+-- DeadlinePassed   the answer would come too late
+-- EngineStopped    nothing computes answers any more, or something ended that did
+-- NotExplainable   what the model says can't be split into what its features contribute
+-- Overloaded       too much waits already: the client is told when to come back
+-- Refused
    +-- WrongDigest  the bytes are not the ones that were gated, so they are neither loaded nor served
"""

from __future__ import annotations

from http import HTTPStatus

from homeostat.errors import HomeostatError, Refused

#: what a client is told that a stopping server answers no more
STOPPING = "The server is stopping: ask again, another one will answer."


class BundleError(HomeostatError):
    """A model bundle is incomplete or contradicts itself."""


class BadRequest(HomeostatError):  # noqa: N818 - HTTP's name for it
    """A request says something that it may not; ``status`` is what HTTP calls it."""

    def __init__(self, sentence: str, status: HTTPStatus = HTTPStatus.BAD_REQUEST) -> None:
        self.status = status
        super().__init__(sentence)


class BadAnswer(HomeostatError):  # noqa: N818 - it is the answer that is bad
    """The model answered something that can't be probabilities."""


class ClientLeft(HomeostatError):  # noqa: N818 - what happened, nobody's error
    """Nobody waits for the answer any more, so it was not computed."""

    def __init__(self) -> None:
        super().__init__("The client left before its rows were predicted.")


class DeadlinePassed(HomeostatError):  # noqa: N818 - what happened, nobody's error
    """The answer would come too late."""

    def __init__(self) -> None:
        super().__init__(
            "The deadline passed before the answer was ready: allow more time or send fewer rows."
        )


class EngineStopped(HomeostatError):  # noqa: N818 - what happened to the engine
    """Nothing computes answers any more, or what computed this one has ended."""


class NotExplainable(HomeostatError):  # noqa: N818 - a property of the model
    """What the model says can't be split into what its features contribute, for ``reason``."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"The model can't be explained: {reason}.")


class Overloaded(HomeostatError):  # noqa: N818 - a state of the server
    """Too much waits already; after ``retry_after_seconds`` it is probably answered."""

    def __init__(self, retry_after_seconds: float) -> None:
        self.retry_after_seconds = retry_after_seconds
        super().__init__(
            f"The server is overloaded: ask again in {retry_after_seconds:.2g} s, or ask another one."
        )


class WrongDigest(Refused):
    """The bytes are not the ones that were gated."""

    def __init__(self, what: str, expected: str, found: str) -> None:
        self.expected = expected
        self.found = found
        super().__init__(f"{what} has the digest {found}, but {expected} was gated: it is refused.")
