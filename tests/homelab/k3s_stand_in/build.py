"""Release folders as K3s publishes them, with the stand-in in the place of its executable."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import tarfile
import tempfile
import zipapp
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.homelab.k3s_stand_in.parts import kubernetes_version, parts_of

_SOURCE = Path(__file__).parent / "k3s"
_IMAGES = "k3s-airgap-images-amd64.tar.gz"
#: files of a release have a date of their own, so that the same sources give the same bytes
_EPOCH = 1_700_000_000


def build(version: str, folder: Path, parts: Path, say: Callable[[str], None] = lambda what: None) -> Path:
    """Write the release ``version`` into ``folder``, and the programs that it starts below ``parts``.

    Args:
        version: of K3s, one of those in ``parts.py``.
        folder: gets ``k3s``, ``sha256sum-amd64.txt`` and the archive of images.
        parts: what hosts see at /opt/parts; versions of one Kubernetes share a folder in it.
        say: told what takes long.
    """
    programs = parts_of(version, say)
    place = parts / kubernetes_version(version)
    digests = {name: _linked(path, place / name) for name, path in programs.items()}
    folder.mkdir(parents=True, exist_ok=True)
    _write_program(version, digests, folder / "k3s")
    _write_images(version, folder / _IMAGES)
    names = ("k3s", _IMAGES)
    lines = [f"{_digest(folder / name)}  {name}\n" for name in names]
    (folder / "sha256sum-amd64.txt").write_text("".join(lines), encoding="utf-8")
    return folder


def _linked(program: Path, place: Path) -> str:
    place.parent.mkdir(parents=True, exist_ok=True)
    if not place.exists():
        try:
            os.link(program, place)
        except OSError:
            # another file system
            shutil.copy2(program, place)
    return _digest(place)


def _write_program(version: str, digests: Mapping[str, str], target: Path) -> None:
    commit = hashlib.sha256(version.encode()).hexdigest()[:8]
    release = {"version": version, "commit": commit, "go_version": "go1.24.12", "parts": dict(digests)}
    with tempfile.TemporaryDirectory() as name:
        source = Path(name)
        package = source / "k3s"
        package.mkdir()
        for path in sorted((*_SOURCE.glob("*.py"), *_SOURCE.glob("*.yaml"))):
            shutil.copy(path, package)
        (package / "release.json").write_text(json.dumps(release, indent=2), encoding="utf-8")
        (source / "__main__.py").write_text("from k3s.cli import main\n\nmain()\n", encoding="utf-8")
        for path in source.rglob("*"):
            os.utime(path, (_EPOCH, _EPOCH))
        zipapp.create_archive(source, target, interpreter="/usr/bin/env python3", compressed=True)
    # a real one holds its version as plain text, too
    with zipfile.ZipFile(target, "a") as archive:
        archive.comment = version.encode()
    target.chmod(0o755)


def _write_images(version: str, target: Path) -> None:
    """An archive that holds an index and no image: nothing here would run one."""
    content = json.dumps({"schemaVersion": 2, "manifests": [], "annotations": {"version": version}}).encode()
    with tarfile.open(target, "w:gz") as archive:
        member = tarfile.TarInfo("index.json")
        member.size, member.mtime = len(content), _EPOCH
        archive.addfile(member, io.BytesIO(content))


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
