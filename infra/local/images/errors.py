"""What can go wrong with images.

HomeostatError
+-- MachineError
|   +-- ImageError          an image can't be built or imported
+-- Refused
    +-- VulnerableImage     the scanner found what has a fix
"""

from __future__ import annotations

from homeostat.errors import MachineError, Refused


class ImageError(MachineError):
    """An image can't be built or imported; the message names the log that tells the whole story."""


class VulnerableImage(Refused):
    """The scanner found a vulnerability that matters and has a fix, or a secret."""
