"""The errors of serving that a person or a client sees.

HomeostatError
+-- BundleError      a model bundle is incomplete or contradicts itself
+-- BadRequest       a request says something that it may not: the client is told, with an HTTP status
+-- Refused
    +-- WrongDigest  the bytes are not the ones that were gated, so they are neither loaded nor served
"""

from __future__ import annotations

from http import HTTPStatus

from homeostat.errors import HomeostatError, Refused


class BundleError(HomeostatError):
    """A model bundle is incomplete or contradicts itself."""


class BadRequest(HomeostatError):  # noqa: N818 - HTTP's name for it
    """A request says something that it may not; ``status`` is what HTTP calls it."""

    def __init__(self, sentence: str, status: HTTPStatus = HTTPStatus.BAD_REQUEST) -> None:
        self.status = status
        super().__init__(sentence)


class WrongDigest(Refused):
    """The bytes are not the ones that were gated."""

    def __init__(self, what: str, expected: str, found: str) -> None:
        self.expected = expected
        self.found = found
        super().__init__(f"{what} has the digest {found}, but {expected} was gated: it is refused.")
