"""Images into containerd, under the names by which the kubelet asks for them.

An OCI archive keeps the manifest as it is, so ``homeostat/triage@sha256:...`` is found by that very digest.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from infra.local.images.errors import ImageError
from infra.local.images.layout import Layout

#: where the kubelet's images are
_NAMESPACE = "k8s.io"
LIMIT_SECONDS = 900


def import_missing(layout: Layout, images: Mapping[str, str], socket: Path) -> Sequence[str]:
    """Import those of ``images`` (digest by whole name) that containerd lacks; return their names.

    Raises:
        ImageError: when containerd does not answer, or refuses them.
    """
    there = present(socket)
    missing = {name: digest for name, digest in images.items() if there.get(name) != digest}
    if missing:
        _import(layout, missing, socket)
    return sorted(missing)


def present(socket: Path) -> Mapping[str, str]:
    """The digest of every image that containerd has, by its whole name.

    Raises:
        ImageError: when containerd does not answer.
    """
    asked = subprocess.run(
        [*_ctr(socket), "images", "list"], capture_output=True, text=True, timeout=60, check=False
    )
    if asked.returncode != 0:
        raise ImageError(f"containerd does not answer at {socket}: {asked.stderr.strip()}")
    rows = (line.split() for line in asked.stdout.splitlines()[1:])
    return {row[0]: row[2] for row in rows if len(row) > 2}


def _import(layout: Layout, images: Mapping[str, str], socket: Path) -> None:
    with tempfile.TemporaryFile() as said:
        importing = subprocess.Popen(
            [*_ctr(socket), "images", "import", "-"], stdin=subprocess.PIPE, stdout=said, stderr=said
        )
        try:
            _stream(layout, images, importing)
            ended = importing.wait(LIMIT_SECONDS)
        except BaseException:
            importing.kill()
            importing.wait()
            raise
        if ended != 0:
            said.seek(0)
            lines = said.read().decode(errors="replace").strip().splitlines() or ["without a word"]
            raise ImageError(f"containerd refused the images {', '.join(sorted(images))}: {lines[-1]}")


def _stream(layout: Layout, images: Mapping[str, str], importing: subprocess.Popen[bytes]) -> None:
    assert importing.stdin is not None  # noqa: S101 - a pipe was asked for
    try:
        with importing.stdin as stream:
            layout.write_archive(images, stream)
    except BrokenPipeError:
        # it said why before it left; its exit code tells
        return


def _ctr(socket: Path) -> tuple[str, ...]:
    program = shutil.which("ctr")
    if program is None:
        raise ImageError("ctr is not on PATH: install Debian's package containerd.")
    return (program, f"--address={socket}", f"--namespace={_NAMESPACE}")
