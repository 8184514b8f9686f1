"""The fault switch: makes predictions slow on purpose, so that the watch can be seen to work.

It exists only where ``HOMEOSTAT_FAULTS_FILE`` names a file, which only the process provider sets; a container
has no such variable and therefore no way to be made slow. The file holds ``{"predict_delay_seconds": 0.8}``;
without the file there is no fault.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

import structlog
from pydantic import Field, ValidationError

from homeostat.config import Document

FAULTS_VARIABLE = "HOMEOSTAT_FAULTS_FILE"

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


class Fault(Document):
    """What is broken on purpose."""

    predict_delay_seconds: float = Field(default=0.0, ge=0, le=60)


class Faults(Protocol):
    """Something that may get in the way of a prediction."""

    async def before_predict(self) -> None:
        """Take as long as the fault demands, without keeping other requests waiting."""
        ...


class NoFaults:
    """Nothing is broken on purpose."""

    async def before_predict(self) -> None:
        """Return at once."""


class FaultFile:
    """The fault that a file describes, read again whenever the file changes."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp: tuple[int, int] | None = None
        self._fault = Fault()

    async def before_predict(self) -> None:
        """Sleep for the delay that the file names at this moment."""
        delay = self.current().predict_delay_seconds
        if delay > 0:
            await asyncio.sleep(delay)

    def current(self) -> Fault:
        """The fault that is set now; a file that can't be understood sets none and is logged."""
        try:
            status = self._path.stat()
            stamp = (status.st_mtime_ns, status.st_ino)
            if stamp != self._stamp:
                self._fault = Fault.model_validate_json(self._path.read_bytes())
                self._stamp = stamp
        except FileNotFoundError:
            self._fault, self._stamp = Fault(), None
        except (OSError, ValidationError) as error:
            log.warning("fault_file_ignored", path=str(self._path), error=str(error))
            self._fault, self._stamp = Fault(), None
        return self._fault


def faults_from(environment: Mapping[str, str]) -> Faults:
    """The switch that the environment asks for: none, unless it names a file."""
    named = environment.get(FAULTS_VARIABLE)
    return FaultFile(Path(named)) if named else NoFaults()
