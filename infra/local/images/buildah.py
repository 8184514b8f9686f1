"""buildah with a storage of its own: it sees nothing of the machine's other images, and they nothing of ours.

Every file of every layer gets one constant time, so that the same content is the same digest. Each call has
mounts of its own, which end with it, however it ends.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from homeostat import atomic
from infra.local.images.running import OWN_MOUNTS, run

#: 1980-01-01, the first day that every file format can tell
TIMESTAMP = "315532800"
LIMIT_SECONDS = 1800
_QUICK_SECONDS = 300
_CONFIGURATION = {
    # nothing is pulled, so there is no signature to ask for
    "policy.json": '{"default": [{"type": "insecureAcceptAnything"}]}\n',
    # a short name is Docker Hub's, here as in a cluster
    "registries.conf": 'unqualified-search-registries = ["docker.io"]\nshort-name-mode = "disabled"\n',
}


@dataclass(frozen=True, slots=True)
class Buildah:
    """Images in ``folder``, made by ``program``."""

    folder: Path
    program: Path

    def build(self, recipe: Path, context: Path, name: str, secrets: Mapping[str, Path], log: Path) -> None:
        """Make the image ``name`` of the Containerfile ``recipe``; nothing is pulled.

        One at a time: what an interrupted build left is removed first.

        Raises:
            ImageError: when a step fails.
        """
        self._run(("rm", "--all"), log, "tidying up", _QUICK_SECONDS)
        given = [f"--secret=id={key},src={path}" for key, path in sorted(secrets.items())]
        arguments = (
            "build", "--isolation=chroot", "--layers", "--pull-never", "--format=oci",
            f"--timestamp={TIMESTAMP}", *given, f"--file={recipe}", f"--tag={name}", context,
        )  # fmt: skip
        self._run(arguments, log, f"building {name}", LIMIT_SECONDS)

    def push(self, name: str, destination: str, log: Path) -> str:
        """Write the image ``name`` to ``destination``, which has a transport; return the manifest's digest.

        Raises:
            ImageError: when the disk is full, or there is no such image.
        """
        with tempfile.TemporaryDirectory(prefix="homeostat-digest-") as folder:
            told = Path(folder) / "digest"
            arguments = ("push", "--quiet", f"--digestfile={told}", name, destination)
            self._run(arguments, log, f"writing {name}", _QUICK_SECONDS)
            return told.read_text(encoding="utf-8").strip()

    def _run(self, arguments: Sequence[str | Path], log: Path, what: str, limit_seconds: float) -> None:
        storage = ("--root", self.folder / "storage", "--runroot", self.folder / "run")
        command = (*OWN_MOUNTS, self.program, *storage, "--storage-driver=overlay", *arguments)
        run(command, log, what=what, limit_seconds=limit_seconds, variables={"HOME": str(self._home())})

    def _home(self) -> Path:
        """A home with buildah's configuration, so that it needs none of the machine's."""
        configuration = self.folder / "home" / ".config" / "containers"
        for name, text in _CONFIGURATION.items():
            if not (configuration / name).exists():
                atomic.write_text(configuration / name, text)
        return self.folder / "home"
