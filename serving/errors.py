"""The errors of serving that a person sees.

HomeostatError
+-- BundleError      a model bundle is incomplete or contradicts itself
+-- Refused
    +-- WrongDigest  the bytes are not the ones that were gated, so they are neither loaded nor served
"""

from __future__ import annotations

from homeostat.errors import HomeostatError, Refused


class BundleError(HomeostatError):
    """A model bundle is incomplete or contradicts itself."""


class WrongDigest(Refused):
    """The bytes are not the ones that were gated."""

    def __init__(self, what: str, expected: str, found: str) -> None:
        self.expected = expected
        self.found = found
        super().__init__(f"{what} has the digest {found}, but {expected} was gated: it is refused.")
