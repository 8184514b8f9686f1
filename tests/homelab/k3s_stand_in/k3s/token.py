"""Tokens: a password, and before it the hash of the authority that the cluster must show."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

_FULL = re.compile(r"K10(?P<hash>[0-9a-f]{64})::(?P<user>[^:]+):(?P<password>.+)$", re.DOTALL)


class TokenError(Exception):
    """A token is no token, or not this cluster's."""


@dataclass(frozen=True, slots=True)
class Token:
    """A token in parts."""

    password: str
    user: str = "server"
    #: empty when the token is a bare password, which trusts any authority
    ca_hash: str = ""

    def __str__(self) -> str:
        return f"K10{self.ca_hash}::{self.user}:{self.password}" if self.ca_hash else self.password

    def verify(self, authority: bytes) -> None:
        """Hold the authority's certificate that the cluster shows against the token.

        Raises:
            TokenError: when the token is another cluster's.
        """
        shown = ca_hash(authority)
        if self.ca_hash and self.ca_hash != shown:
            raise TokenError(
                f"token CA hash does not match the Cluster CA certificate hash: {self.ca_hash} != {shown}"
            )


def parse(text: str, user: str = "server") -> Token:
    """Take a token apart; ``user`` is whom a bare password is for.

    >>> parse("K10" + "0" * 64 + "::server:secret").password
    'secret'

    Raises:
        TokenError: when it looks like a full token and is none.
    """
    text = text.strip()
    if match := _FULL.match(text):
        return Token(match["password"], match["user"], match["hash"])
    if text.startswith("K10"):
        raise TokenError("invalid token format")
    if not text:
        raise TokenError("--token is required")
    return Token(text, user)


def ca_hash(authority: bytes) -> str:
    """What a token says of the authority."""
    return hashlib.sha256(authority).hexdigest()
