"""What delivery asks of the place that serves models on this machine."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from delivery.rollout import Provider


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

    def image(self, bento: Path, model: str, say: Callable[[str], None]) -> str | None:
        """Make the image that serves ``bento``; return its digest, or None where the bento itself is served.

        Raises:
            MachineError: when it can't be built.
        """
        ...
