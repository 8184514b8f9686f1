"""The errors of this room."""

from __future__ import annotations

from homeostat.errors import HomeostatError, MachineError


class RulesRejected(HomeostatError):  # noqa: N818 - a checker answered; that is no malfunction
    """promtool or amtool does not accept what is written here; the message holds what it said."""


class NotRelocatable(MachineError):  # noqa: N818 - a state of the machine's program
    """An unpacked Alertmanager that runs only when it is installed."""
