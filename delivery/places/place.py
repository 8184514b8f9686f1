"""What delivery asks of the place that serves models on this machine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from delivery.rollout import Provider

#: tells a waiting person what is being done
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Packaged:
    """A model that was packaged, as an image is made of it."""

    model: str
    bento: Path
    #: the model's own, or None for the one that all models share
    containerfile: Path | None


class Place(Protocol):
    """One platform on this machine, known by its state folder."""

    def is_running(self) -> bool:
        """Whether it serves now."""
        ...

    def provider(self, commit: str | None) -> Provider:
        """Who tells what became of the releases of ``commit``, or of a later one."""
        ...

    def url(self, service: str) -> str | None:
        """Where ``mlflow`` or ``model-<model>`` answers from here; None while it does not."""
        ...

    def image(self, packaged: Packaged, say: Say) -> str | None:
        """Make the image that serves a model; return its digest, or None where the bento itself is served.

        Raises:
            MachineError: when it can't be built.
        """
        ...
