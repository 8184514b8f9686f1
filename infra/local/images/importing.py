"""Images into containerd, under the names by which the kubelet asks for them.

An OCI archive keeps the manifest as it is, so ``homeostat/triage@sha256:...`` is found by that very digest.
"""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from infra.local.images.errors import ImageError
from infra.local.images.layout import Layout

#: where the kubelet's images are
_NAMESPACE = "k8s.io"
LIMIT_SECONDS = 900


@dataclass(frozen=True, slots=True)
class Containerd:
    """The containerd that listens at ``socket``, reached by its own client."""

    ctr: Path
    socket: Path

    def take_missing(self, layout: Layout, images: Mapping[str, str]) -> Sequence[str]:
        """Import those of ``images`` (digest by whole name) that are not there; return their names.

        Raises:
            ImageError: when containerd does not answer, or refuses them.
        """
        there = self.present()
        missing = {name: digest for name, digest in images.items() if there.get(name) != digest}
        if missing:
            self._import(layout, missing)
        return sorted(missing)

    def present(self) -> Mapping[str, str]:
        """The digest of every image that is there, by its whole name.

        Raises:
            ImageError: when containerd does not answer.
        """
        asked = subprocess.run(self._command("list"), capture_output=True, text=True, timeout=60, check=False)
        if asked.returncode != 0:
            raise ImageError(f"containerd does not answer at {self.socket}: {asked.stderr.strip()}")
        rows = (line.split() for line in asked.stdout.splitlines()[1:])
        return {row[0]: row[2] for row in rows if len(row) > 2}

    def _import(self, layout: Layout, images: Mapping[str, str]) -> None:
        with tempfile.TemporaryFile() as said:
            importing = subprocess.Popen(
                self._command("import", "-"), stdin=subprocess.PIPE, stdout=said, stderr=said
            )
            try:
                _stream(layout, images, importing.stdin)
                ended = importing.wait(LIMIT_SECONDS)
            except BaseException:
                importing.kill()
                importing.wait()
                raise
            if ended != 0:
                said.seek(0)
                lines = said.read().decode(errors="replace").strip().splitlines() or ["without a word"]
                raise ImageError(f"containerd refused {', '.join(sorted(images))}: {lines[-1]}")

    def _command(self, *arguments: str) -> tuple[str | Path, ...]:
        return (self.ctr, f"--address={self.socket}", f"--namespace={_NAMESPACE}", "images", *arguments)


def _stream(layout: Layout, images: Mapping[str, str], pipe: IO[bytes] | None) -> None:
    if pipe is None:
        return
    try:
        with pipe:
            layout.write_archive(images, pipe)
    except BrokenPipeError:
        # it said why before it left; its exit code tells
        return
