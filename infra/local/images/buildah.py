"""buildah with a storage of its own: it sees nothing of the machine's other images, and they nothing of ours.

Every file of every layer gets one constant time, so that the same content is the same digest. Each call has
mounts of its own, which end with it, however it ends.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from infra.local.images.errors import ImageError
from infra.local.images.running import run

#: 1980-01-01, the first day that every file format can tell
TIMESTAMP = "315532800"
LIMIT_SECONDS = 1800
_QUICK_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Buildah:
    """Images in ``folder``."""

    folder: Path

    def build(self, recipe: Path, context: Path, name: str, secrets: Mapping[str, Path], log: Path) -> None:
        """Make the image ``name`` of the Containerfile ``recipe``; nothing is pulled.

        One at a time: what an interrupted build left is removed first.

        Raises:
            ImageError: when a step fails.
        """
        run([*self._command(), "rm", "--all"], log, what="tidying up", limit_seconds=_QUICK_SECONDS)
        given = [f"--secret=id={key},src={path}" for key, path in sorted(secrets.items())]
        command = [
            *self._command(), "build", "--isolation=chroot", "--layers", "--pull-never", "--format=oci",
            f"--timestamp={TIMESTAMP}", *given, f"--file={recipe}", f"--tag={name}", context,
        ]  # fmt: skip
        run(command, log, what=f"building {name}", limit_seconds=LIMIT_SECONDS)

    def push(self, name: str, destination: str, log: Path) -> str:
        """Write the image ``name`` to ``destination``, which has a transport; return the manifest's digest.

        Raises:
            ImageError: when the disk is full, or there is no such image.
        """
        with tempfile.TemporaryDirectory(prefix="homeostat-digest-") as folder:
            told = Path(folder) / "digest"
            command = [*self._command(), "push", "--quiet", f"--digestfile={told}", name, destination]
            run(command, log, what=f"writing {name}", limit_seconds=_QUICK_SECONDS)
            return told.read_text(encoding="utf-8").strip()

    def _command(self) -> tuple[str | Path, ...]:
        program = shutil.which("buildah")
        if program is None:
            raise ImageError("buildah is not on PATH: install Debian's package buildah.")
        self.folder.mkdir(parents=True, exist_ok=True)
        own_mounts = ("unshare", "--mount", "--propagation=private")
        storage = ("--root", self.folder / "storage", "--runroot", self.folder / "run")
        return (*own_mounts, program, *storage, "--storage-driver", "overlay")
