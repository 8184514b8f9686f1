"""All that Ansible says, in one file a run: without secrets, and for the owner's eyes alone."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from homeostat.redaction import redact

#: so many lines are kept in memory, to tell why a run ended that told no event
_REMEMBERED = 200


class LogFile:
    """The log of one run, written line by line."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._last: deque[str] = deque(maxlen=_REMEMBERED)
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        self._stream = os.fdopen(descriptor, "w", encoding="utf-8", errors="replace", buffering=1)

    @classmethod
    def of_now(cls, folder: Path) -> LogFile:
        """A new log in ``folder``, named after this moment."""
        return cls(folder / f"ansible-{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}.log")

    def write(self, line: str) -> None:
        """Append one line, without its secrets."""
        clean = redact(line.rstrip("\n"))
        self._last.append(clean)
        self._stream.write(f"{clean}\n")

    @property
    def last_lines(self) -> Sequence[str]:
        """The latest lines, without secrets."""
        return tuple(self._last)

    def close(self) -> None:
        """Write out what is left."""
        self._stream.close()
