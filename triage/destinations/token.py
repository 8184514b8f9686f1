"""A destination's token: in a file, read for each delivery so that a new one counts without a restart."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from homeostat.errors import ConfigError
from triage.destinations.destination import DeliveryFailed, Outcome


class Token(Protocol):
    """Where a token comes from."""

    def read(self) -> str:
        """The token.

        Raises:
            DeliveryFailed: when there is none.
        """
        ...


@dataclass(frozen=True, slots=True)
class GivenToken:
    """A token that a workflow's environment holds for as long as it runs."""

    value: str = field(repr=False)

    def read(self) -> str:
        """See :class:`Token`."""
        return self.value


@dataclass(frozen=True, slots=True)
class TokenFile:
    """The file, and the setting that names it."""

    path: Path
    setting: str

    def read(self) -> str:
        """The token.

        Raises:
            DeliveryFailed: when there is none.
        """
        try:
            token = self.path.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            why = getattr(error, "strerror", None) or "it is no text"
            raise DeliveryFailed(Outcome.UNAUTHORISED, f"{self.path} can't be read: {why}.") from None
        if not token or any(character.isspace() for character in token):
            raise DeliveryFailed(Outcome.UNAUTHORISED, f"{self.path} holds no token.")
        return token

    def check(self) -> None:
        """Say at the start what would fail at each delivery.

        Raises:
            ConfigError: when there is no token.
        """
        try:
            self.read()
        except DeliveryFailed as failure:
            raise ConfigError(self.setting, [str(failure)]) from None
