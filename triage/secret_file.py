"""A secret in a file, read whenever it is used, so that a new one counts without a restart."""

from __future__ import annotations

from pathlib import Path

from homeostat.errors import HomeostatError


class NoSecret(HomeostatError):  # noqa: N818 - named after what it is
    """The file holds nothing to use; the sentence says why, and never what it holds."""


def read_secret(path: Path) -> str:
    """The file's text without the blanks around it.

    Raises:
        NoSecret: when it can't be read or is empty.
    """
    try:
        secret = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is no text"
        raise NoSecret(f"{path} can't be read: {why}.") from None
    if not secret:
        raise NoSecret(f"{path} is empty.")
    return secret


def read_token(path: Path) -> str:
    """A secret of one word, which a header can carry; what refuses another would quote it.

    Raises:
        NoSecret: when there is none, or it is not one word.
    """
    token = read_secret(path)
    if not is_token(token):
        raise NoSecret(f"{path} holds no token: a token is one word on one line.")
    return token


def is_token(text: str) -> bool:
    """Whether a header can carry it as one word.

    >>> is_token("ghp_16C7e42F292c6912E7"), is_token("two words"), is_token("")
    (True, False, False)
    """
    return bool(text) and text.isascii() and text.isprintable() and " " not in text
