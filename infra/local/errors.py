"""What can go wrong with the local cluster.

HomeostatError
+-- ComponentNotReady    a program of the cluster does not work; the end of its log says why
+-- CommandFailed        a program that changes the machine (ip, mount, ctr) said no
+-- Refused
    +-- NotOurs          something of the same name exists that this cluster did not make
"""

from __future__ import annotations

from homeostat.errors import HomeostatError, Refused


class ComponentNotReady(HomeostatError):  # noqa: N818 - a state of a component, and its reason
    """A program of the cluster ended or did not work in time."""


class CommandFailed(HomeostatError):  # noqa: N818 - says what happened to whom
    """A program that changes the machine said no."""


class NotOurs(Refused):
    """Something with the name that we would use exists, and this cluster did not make it."""
