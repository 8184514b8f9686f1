"""Which release this is, and the real programs that belong to it."""

from __future__ import annotations

import hashlib
import json
import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from .log import FatalError

PARTS = Path("/opt/parts")


@dataclass(frozen=True, slots=True)
class Release:
    """What was written down when the file was built."""

    version: str
    commit: str
    go_version: str
    #: each program's SHA-256
    parts: Mapping[str, str]

    @property
    def kubernetes(self) -> str:
        """The version of Kubernetes inside."""
        return self.version.partition("+")[0]

    def part(self, name: str) -> str:
        """The path of a program."""
        return str(PARTS / self.kubernetes / name)

    def verify(self) -> None:
        """See that the programs are those that the release was built with.

        Raises:
            FatalError: when one is not.
        """
        for name, expected in self.parts.items():
            try:
                with Path(self.part(name)).open("rb") as stream:
                    found = hashlib.file_digest(stream, "sha256").hexdigest()
            except OSError as error:
                raise FatalError(f"extracting data: {error}") from None
            if found != expected:
                raise FatalError(
                    f"extracting data: {self.part(name)} is not what {self.version} was built of"
                )


def this_release() -> Release:
    """The release that this file is."""
    content = pkgutil.get_data(__package__ or "k3s", "release.json")
    if content is None:
        raise FatalError("this is no built release")
    return Release(**json.loads(content))
