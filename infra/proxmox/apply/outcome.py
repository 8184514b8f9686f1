"""What came of a plan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from infra.proxmox.plan.actions import Action


@dataclass(frozen=True, slots=True)
class Done:
    """What came of one machine."""

    name: str
    done: Sequence[Action]
    #: what was not reached, or waits for an explicit wish
    left: Sequence[Action]
    #: why it stopped, in a sentence; None when it did not
    failure: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of all."""

    machines: Sequence[Done]
    #: somebody asked to stop
    interrupted: bool = False

    @property
    def failures(self) -> Mapping[str, str]:
        """Machine -> why it stopped."""
        return {one.name: one.failure for one in self.machines if one.failure}

    @property
    def done(self) -> Sequence[Action]:
        """All that was done."""
        return [action for one in self.machines for action in one.done]

    @property
    def left(self) -> Sequence[Action]:
        """All that was not."""
        return [action for one in self.machines for action in one.left]
