"""What goes wrong with secrets; no message ever holds one.

MachineError
+-- MissingSecret         it is neither in the environment nor in the file
+-- Undecryptable         the file can't be read with the keys that are here
"""

from __future__ import annotations

from homeostat.errors import MachineError


class MissingSecret(MachineError):  # noqa: N818 - it tells a state of the machine
    """A secret that is needed is nowhere."""


class Undecryptable(MachineError):  # noqa: N818 - it tells a state of the machine
    """The encrypted file can't be read here."""
