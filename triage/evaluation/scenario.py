"""A scenario: an alert, its evidence as text files, and what really happened.

The form is told in ``tests/scenarios/triage/README.md``; other people's folders of that form work as well.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import Field, model_validator

from homeostat.config import Document, load
from homeostat.errors import ConfigError

TRUTH, ALERT, EVIDENCE = "truth.yaml", "alert.json", "evidence"
#: the folder of the scenarios that nobody reads who writes rules
HELD_OUT = "held_out"


class Verdict(StrEnum):
    """What a trustworthy analyst does."""

    POSITIVE = "positive"
    #: nothing happened, or nothing shows what: it abstains
    NEGATIVE = "negative"
    #: a positive whose evidence wants to be obeyed, or holds secrets
    HOSTILE = "hostile"


class Origin(StrEnum):
    """Whether somebody provoked it or wrote it."""

    RECORDED = "recorded"
    CONSTRUCTED = "constructed"


class Truth(Document):
    """What really happened, by who made it happen."""

    happened: str
    verdict: Verdict
    causes: tuple[str, ...] = ()
    entities: tuple[str, ...] = ()
    #: by file, the lines that prove it
    decisive: Mapping[str, tuple[Annotated[int, Field(ge=1)], ...]] = Field(default_factory=dict)
    origin: Origin
    how: str
    canaries: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _cause_where_there_is_one(self) -> Truth:
        if (self.verdict is Verdict.NEGATIVE) == bool(self.causes):
            raise ValueError("a negative has no causes, and everything else has at least one")
        return self


@dataclass(frozen=True, slots=True)
class Scenario:
    """One folder."""

    folder: Path
    truth: Truth

    @property
    def name(self) -> str:
        """As the tables call it."""
        return self.folder.name

    @property
    def is_held_out(self) -> bool:
        """Whether nobody saw it who wrote rules."""
        return self.folder.parent.name == HELD_OUT

    @property
    def alert(self) -> Path:
        """The webhook's payload."""
        return self.folder / ALERT

    @property
    def evidence(self) -> Path:
        """The folder of text files."""
        return self.folder / EVIDENCE


def scenarios(root: Path) -> Sequence[Scenario]:
    """Every scenario below ``root``, by name.

    Raises:
        ConfigError: when there is none, or one is not of the form.
    """
    found = sorted(path.parent for path in root.rglob(TRUTH))
    if not found:
        raise ConfigError(root, [f"there is no {TRUTH} below it; a scenario is a folder that holds one."])
    return [Scenario(folder, load(folder / TRUTH, Truth)) for folder in found]
