"""What senders show or sign with: read once, at the start, and refused where it could be guessed."""

from __future__ import annotations

from pathlib import Path

from homeostat.errors import ConfigError
from triage.secret_file import NoSecret, read_secret

_LEAST_CHARACTERS = 16


def sender_secret(path: Path | None, setting: str) -> str:
    """The secret in the file that ``setting`` names; empty where no file is named, and then no one has it.

    Raises:
        ConfigError: when the file holds none, or one that could be guessed: triage then refuses to start.
    """
    if path is None:
        return ""
    try:
        secret = read_secret(path)
    except NoSecret as why:
        raise ConfigError(setting, [str(why)]) from None
    if len(secret) < _LEAST_CHARACTERS:
        told = f"{path} holds {len(secret)} characters; a token has at least {_LEAST_CHARACTERS}."
        raise ConfigError(setting, [told])
    return secret
