"""API keys, of which only SHA-256 hashes are kept.

A key is 256 random bits, so its plain hash can't be searched for; a slow hash, as passwords need, would only
slow down every request. The file has a line ``NAME:HASH`` for each; several lines may bear one name, so that
a key can be replaced while the old one still works.
"""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

_LINE = re.compile(r"(?P<name>[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?):(?P<hash>[0-9a-f]{64})")
#: told apart from other secrets by people and by scanners
PREFIX = "hs_"


class KeysUnreadable(Exception):  # noqa: N818 - a state, in which nobody is let in
    """There are no keys to compare with; the message says why without naming any."""


@dataclass(frozen=True, slots=True)
class Key:
    """Who holds the key, and its hash in hexadecimal."""

    name: str
    hash: str


def new_key() -> str:
    """A key that nobody has.

    >>> new_key().startswith("hs_"), len(new_key())
    (True, 46)
    """
    return PREFIX + secrets.token_urlsafe(32)


def hash_of(key: str) -> str:
    """What is kept of a key.

    >>> hash_of("hs_example")[:12]
    'f27bbd09c77b'
    """
    return sha256(key.encode()).hexdigest()


def parse(text: str) -> Sequence[Key]:
    """The keys of a file's ``text``; empty lines and lines that start with # are left out.

    Raises:
        KeysUnreadable: when a line is none, for then nobody knows what else is wrong.
    """
    keys: list[Key] = []
    for number, line in enumerate(text.splitlines(), 1):
        if not (content := line.strip()) or content.startswith("#"):
            continue
        if (match := _LINE.fullmatch(content)) is None:
            raise KeysUnreadable(f"line {number} is not NAME:HASH with 64 lower-case hexadecimal digits.")
        keys.append(Key(match["name"], match["hash"]))
    if not keys:
        raise KeysUnreadable("the file has no key.")
    return keys


def holder(presented: str, keys: Sequence[Key]) -> str | None:
    """The name of who holds the ``presented`` key; the time it takes tells nothing about the others."""
    found: str | None = None
    hashed = hash_of(presented)
    for key in keys:
        if hmac.compare_digest(hashed, key.hash):
            found = key.name
    return found


class KeyFile:
    """The keys of a file, read again whenever it is another one: a revoked key must not live in memory."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read: tuple[tuple[int, int, int], Sequence[Key]] | None = None

    def keys(self) -> Sequence[Key]:
        """The keys as of now.

        Raises:
            KeysUnreadable: when the file can't be read or understood.
        """
        try:
            state = self._path.stat()
            version = (state.st_ino, state.st_mtime_ns, state.st_size)
            if self._read is None or self._read[0] != version:
                self._read = (version, parse(self._path.read_text(encoding="utf-8")))
        except (OSError, UnicodeDecodeError) as error:
            self._read = None
            raise KeysUnreadable(f"the file can't be read: {type(error).__name__}.") from None
        except KeysUnreadable:
            self._read = None
            raise
        return self._read[1]
