"""Whether new requests should come to this process."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Readiness:
    """Ready from the warm-up on until the process is asked to stop; requests are answered until the end."""

    ready: bool = False
