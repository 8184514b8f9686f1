"""buildah with a storage of its own: it sees nothing of the machine's other images, and they nothing of ours.

Every file of every layer gets one constant time, so that the same content is the same digest.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from collections.abc import Generator, Mapping
from contextlib import contextmanager
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

        Raises:
            ImageError: when a step fails.
        """
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

    def has(self, name: str) -> bool:
        """Whether the image is in this storage."""
        asked = subprocess.run(
            [*self._command(), "inspect", "--type=image", name],
            capture_output=True,
            check=False,
            timeout=_QUICK_SECONDS,
        )
        return asked.returncode == 0

    @contextmanager
    def mounted(self, log: Path) -> Generator[tuple[str, Path]]:
        """An empty container's name and the folder that is its root, until the block ends."""
        container = self._ask("from", "scratch")
        try:
            yield container, Path(self._ask("mount", container))
        finally:
            run(
                [*self._command(), "rm", container],
                log,
                what="removing a container",
                limit_seconds=_QUICK_SECONDS,
            )

    def commit(self, container: str, name: str, config: Mapping[str, str], log: Path) -> None:
        """Make an image of the container with these environment variables."""
        environment = [f"--env={key}={value}" for key, value in config.items()]
        run(
            [*self._command(), "config", *environment, container],
            log,
            what=name,
            limit_seconds=_QUICK_SECONDS,
        )
        command = [
            *self._command(),
            "commit",
            "--quiet",
            f"--timestamp={TIMESTAMP}",
            "--format=oci",
            container,
            name,
        ]
        run(command, log, what=f"writing {name}", limit_seconds=_QUICK_SECONDS)

    def answer(self, name: str, *command: str) -> str:
        """What ``command`` prints when it runs in the image ``name``."""
        container = self._ask("from", "--pull-never", name)
        try:
            return self._ask("run", "--isolation=chroot", container, "--", *command)
        finally:
            self._ask("rm", container)

    def _ask(self, *arguments: str) -> str:
        asked = subprocess.run(
            [*self._command(), *arguments],
            capture_output=True,
            text=True,
            timeout=_QUICK_SECONDS,
            check=False,
        )
        if asked.returncode != 0:
            said = (asked.stderr or asked.stdout).strip().splitlines() or ["without a word"]
            raise ImageError(f"buildah {arguments[0]} failed: {said[-1]}")
        return asked.stdout.strip()

    def _command(self) -> tuple[str | Path, ...]:
        program = shutil.which("buildah")
        if program is None:
            raise ImageError("buildah is not on PATH: install Debian's package buildah.")
        self.folder.mkdir(parents=True, exist_ok=True)
        policy = self.folder / "policy.json"
        if not policy.exists():
            # nothing is pulled, so there is no signature to ask for
            policy.write_text(json.dumps({"default": [{"type": "insecureAcceptAnything"}]}), encoding="utf-8")
        storage = ("--root", self.folder / "storage", "--runroot", self.folder / "run")
        return (program, *storage, "--storage-driver", "overlay")
