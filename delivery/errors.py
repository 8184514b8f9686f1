"""The errors of delivery that a person sees.

HomeostatError
+-- GitError          git could not do what was asked
+-- LostRace          the branch kept moving while a hand-off tried to land on it
+-- NoSuchRun         a run, commit or model that delivery does not know
+-- StageFailed       a stage broke: neither passed nor refused
Refused
+-- HandOffRefused    what came out of training may not be handed off
"""

from __future__ import annotations

from homeostat.errors import HomeostatError, Refused


class GitError(HomeostatError):
    """Git could not do what was asked; the message is git's own last line."""


class LostRace(HomeostatError):  # noqa: N818 - the name of what happened
    """Others pushed to the branch each time that the hand-off tried to land."""


class NoSuchRun(HomeostatError):  # noqa: N818 - an answer to a question
    """Nothing is known by that name."""

    exit_code = 2


class StageFailed(HomeostatError):  # noqa: N818 - the name of what happened
    """A stage broke; the sentence says where to look."""


class HandOffRefused(Refused):
    """A result that may not reach traffic: a gate said no, or the bytes are not those that were gated."""
