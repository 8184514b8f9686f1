"""The log of a run: what the stages print, redacted before it touches the disk."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from homeostat.redaction import redact

_KEY_BEGINS = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----")
_KEY_ENDS = re.compile(r"-----END [A-Z ]*PRIVATE KEY-----")
#: a key that never ends is still written, redacted, once it is this long
_LONGEST_KEY_LINES = 200


class RunLog:
    """Appends redacted lines to the file at ``path``; use it as a context manager."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._stream = path.open("a", encoding="utf-8")
        self._held: list[str] = []

    def write(self, line: str) -> None:
        """Add one line; the lines of a private key are held back until it is whole, so that none leaks."""
        self._held.append(line.rstrip("\n"))
        inside_key = _KEY_BEGINS.search(self._held[0]) and not _KEY_ENDS.search(line)
        if not inside_key or len(self._held) >= _LONGEST_KEY_LINES:
            self._flush()

    def _flush(self) -> None:
        if self._held:
            self._stream.write(redact("\n".join(self._held)) + "\n")
            self._stream.flush()
            self._held.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        del kind, error, trace
        self._flush()
        self._stream.close()


def follow(path: Path, ended: Callable[[], bool], pause_seconds: float = 0.2) -> Iterator[str]:
    """Every line of the file at ``path``, old and new, until ``ended()`` and nothing more is there.

    The file may not exist yet.
    """
    position = 0
    while True:
        last_round = ended()
        if path.exists():
            with path.open("rb") as stream:
                stream.seek(position)
                for line in stream:
                    if not line.endswith(b"\n"):
                        break
                    position += len(line)
                    yield line.decode(errors="replace").rstrip("\n")
        if last_round:
            return
        time.sleep(pause_seconds)
