"""Programs that the owner of the machine installed: used as they are when they are in the supported range."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from infra.programs.program import Obtained, Program, Say, Unavailable, examine
from infra.programs.version import shown


@dataclass(frozen=True, slots=True)
class OnPath:
    """The source ``path``; ``search`` is a PATH to look at instead of the process's own."""

    search: str | None = None
    name: str = "path"

    def obtain(self, program: Program, say: Say) -> Obtained:
        """See whether PATH holds a version that works."""
        say(f"looking for {program.name} on PATH")
        found = shutil.which(program.name, path=self.search)
        if found is None:
            raise Unavailable("it is not on PATH.")
        version = examine(program, Path(found))
        return Obtained(Path(found), shown(version) if version else "unknown", self.name)
