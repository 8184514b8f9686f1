"""Encryption under a token, out of what the standard library has: SHA-256 as a stream, and a tag over it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets


class WrongTokenError(Exception):
    """The text was sealed with another token."""


def seal(content: bytes, token: str) -> str:
    """``content`` so that only who has the token can read or change it."""
    salt = secrets.token_bytes(16)
    cipher_key, tag_key = _keys(token, salt)
    hidden = _xor(content, cipher_key)
    tag = hmac.digest(tag_key, hidden, "sha256")
    return base64.b64encode(salt + tag + hidden).decode()


def unseal(text: str, token: str) -> bytes:
    """What was sealed.

    Raises:
        WrongTokenError: when it was sealed with another token, or changed since.
    """
    whole = base64.b64decode(text)
    salt, tag, hidden = whole[:16], whole[16:48], whole[48:]
    cipher_key, tag_key = _keys(token, salt)
    if not hmac.compare_digest(tag, hmac.digest(tag_key, hidden, "sha256")):
        raise WrongTokenError("bootstrap data already found and encrypted with different token")
    return _xor(hidden, cipher_key)


def _keys(token: str, salt: bytes) -> tuple[bytes, bytes]:
    both = hashlib.pbkdf2_hmac("sha256", token.encode(), salt, 4096, 64)
    return both[:32], both[32:]


def _xor(content: bytes, key: bytes) -> bytes:
    blocks = range((len(content) + 31) // 32)
    stream = b"".join(hmac.digest(key, number.to_bytes(8, "big"), "sha256") for number in blocks)
    return bytes(left ^ right for left, right in zip(content, stream, strict=False))
