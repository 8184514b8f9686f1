"""The errors that a person sees.

    HomeostatError            any mistake or refusal that is explained in one sentence
    +-- ConfigError           a configuration file says something that it may not
    +-- MachineError          the machine lacks something
    +-- Refused               a gate or a guard said no: nothing is broken

Each room derives its own from these; the command line prints the message without a traceback and exits with
``exit_code``.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path


class HomeostatError(Exception):
    """A mistake or refusal, told in one sentence that names the field, the value and what would be right."""

    exit_code = 1


class ConfigError(HomeostatError):
    """One configuration file with all of its mistakes, one sentence each."""

    exit_code = 2

    def __init__(self, source: Path | str, mistakes: Sequence[str]) -> None:
        self.source = str(source)
        self.mistakes = tuple(mistakes)
        super().__init__("\n".join(f"{self.source}: {mistake}" for mistake in self.mistakes))


class MachineError(HomeostatError):
    """The machine lacks something: a program, a permission, space or a free port."""

    exit_code = 4


class Refused(HomeostatError):  # noqa: N818 - a refusal is an answer, not a malfunction
    """A gate or a guard said no; nothing is broken and the old state stands."""

    exit_code = 3
