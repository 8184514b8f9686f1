"""What can go wrong with the forge that the local cluster follows."""

from __future__ import annotations

from homeostat.errors import HomeostatError


class ForgeError(HomeostatError):
    """The bare repository could not be made or changed."""
