"""What can go wrong while the platform runs as processes.

HomeostatError
+-- ServiceNotReady     a service did not get ready; its last log lines say why
+-- PlatformNotUp       the platform could not be started, and nothing of it runs
+-- UnknownServiceError      a name that no room declares
+-- Refused
    +-- AlreadyRunning  another supervisor runs for the same state folder
    +-- NotOurs         the folder carries no mark of the platform, so it is left alone
"""

from __future__ import annotations

from homeostat.errors import HomeostatError, Refused


class ServiceNotReady(HomeostatError):  # noqa: N818 - a state of a service, and its reason
    """A service exited, or did not answer in time, before it was ready."""


class PlatformNotUp(HomeostatError):  # noqa: N818 - a state of the platform, and its reason
    """The platform could not be started; all of it was stopped again."""


class UnknownServiceError(HomeostatError):
    """A service name that no room declares."""


class AlreadyRunning(Refused):
    """Another supervisor runs for the same state folder."""


class NotOurs(Refused):
    """A folder without the platform's mark: it may hold what somebody else made."""
