"""A destination's token: in a file, read for each delivery so that a new one counts without a restart."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from homeostat.errors import ConfigError
from triage.destinations.destination import DeliveryFailed, Outcome
from triage.secret_file import NoSecret, read_token


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
            return read_token(self.path)
        except NoSecret as why:
            raise DeliveryFailed(Outcome.UNAUTHORISED, str(why)) from None

    def check(self) -> None:
        """Say at the start what would fail at each delivery.

        Raises:
            ConfigError: when there is no token.
        """
        try:
            self.read()
        except DeliveryFailed as failure:
            raise ConfigError(self.setting, [str(failure)]) from None
