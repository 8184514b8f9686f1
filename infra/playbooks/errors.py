"""What can go wrong with a playbook.

HomeostatError
+-- PlaybookFailed        a host said no: which, in which task, and why
+-- MachineError
    +-- AnsibleMissing    ansible-playbook is not in this environment
+-- Refused
    +-- VersionRefused    an upgrade that K3s does not support
"""

from __future__ import annotations

from homeostat.errors import HomeostatError, MachineError, Refused


class PlaybookFailed(HomeostatError):  # noqa: N818 - named after what happened
    """A playbook ended with a failure: the host, the task, the reason, and where the whole log is."""


class AnsibleMissing(MachineError):  # noqa: N818 - named after what is so
    """``ansible-playbook`` is not in the environment that this program runs in."""


class VersionRefused(Refused):
    """The versions of K3s can't be brought from where they are to where they should be."""
