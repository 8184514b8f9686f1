"""The program that servers take backups with, run as they run it; and snapshots as etcd would write them."""

from __future__ import annotations

import hashlib
import io
import runpy
import subprocess
import sys
import tarfile
from pathlib import Path

from homeostat.paths import repository_root

PROGRAM = repository_root(Path(__file__)) / "ansible" / "roles" / "backup" / "files" / "backup"
TOKEN = "K10" + "0a" * 32 + "::server:" + "ab" * 16


def bundle_module() -> dict:
    """The names of bundle.py, which is no package that could be imported."""
    return runpy.run_path(str(PROGRAM / "bundle.py"))


def snapshot(path: Path, content: bytes = b"page" * 128) -> Path:
    """A snapshot whose pages are ``content``, with its hash behind them as etcd puts it there."""
    path.write_bytes(content + hashlib.sha256(content).digest())
    return path


def ask(*arguments: object) -> subprocess.CompletedProcess[str]:
    """Run the program."""
    return subprocess.run(
        [sys.executable, str(PROGRAM), *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def without(bundle: Path, name: str, target: Path) -> Path:
    """The same bundle without one of its files."""
    return altered(bundle, target, {name: None})


def altered(bundle: Path, target: Path, changes: dict[str, bytes | None]) -> Path:
    """The same bundle with other bytes in some files; None leaves the file out."""
    with tarfile.open(bundle) as old, tarfile.open(target, "w:gz") as new:
        for member in old.getmembers():
            content = old.extractfile(member).read()
            changed = changes.get(member.name, content) if member.name in changes else content
            if changed is not None:
                entry = tarfile.TarInfo(member.name)
                entry.size = len(changed)
                new.addfile(entry, io.BytesIO(changed))
    return target
