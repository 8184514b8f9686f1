"""The errors of this room."""

from __future__ import annotations

from homeostat.errors import HomeostatError


class RulesRejected(HomeostatError):  # noqa: N818 - a checker answered; that is no malfunction
    """promtool or amtool does not accept what is written here; the message holds what it said."""
