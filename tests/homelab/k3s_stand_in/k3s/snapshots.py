"""Snapshots of etcd: files in a folder, named as K3s names them."""

from __future__ import annotations

import gzip
import hashlib
import re
import shutil
import time
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from .etcd_client import local_etcd
from .options import Options
from .paths import Paths

_NAMED = re.compile(r"(?P<group>.+)-(?P<time>\d{10})(?:\.zip)?$")
_SCHEDULED = "etcd-snapshot"


class SnapshotError(Exception):
    """A snapshot can't be made, found or read; the message says why."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One snapshot."""

    path: Path

    @property
    def created(self) -> datetime:
        """When it was taken."""
        return datetime.fromtimestamp(self.path.stat().st_mtime, UTC)

    @property
    def group(self) -> str:
        """Its name without the time: what a retention counts."""
        match = _NAMED.match(self.path.name)
        return match["group"] if match else self.path.name


def serve(action: str, options: Options, paths: Paths, node: str) -> Sequence[str]:
    """Do what ``k3s etcd-snapshot`` asks; return what it prints.

    Raises:
        SnapshotError: when it can't be done.
    """
    if options.on("etcd-s3"):
        raise SnapshotError("this stand-in keeps snapshots in folders alone: --etcd-s3 is not in it")
    folder = Path(options.one("etcd-snapshot-dir", str(paths.snapshots)))
    if action == "save":
        name = options.one("etcd-snapshot-name", "on-demand")
        snapshot = save(folder, f"{name}-{node}", paths, compress=options.on("etcd-snapshot-compress"))
        return [f"Snapshot {snapshot.path.name} saved."]
    if action == "delete":
        return [_delete(folder, name) for name in options.arguments]
    if action == "prune":
        group = f"{options.one('etcd-snapshot-name', 'on-demand')}-{node}"
        return prune(folder, group, int(options.one("etcd-snapshot-retention", "5")))
    return _table(folder)


def save(folder: Path, name: str, paths: Paths, *, compress: bool = False) -> Snapshot:
    """Take a snapshot of the running member; the time is added to the name."""
    if "/" in name:
        raise SnapshotError(f"invalid snapshot name: {name}")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / f"{name}-{int(time.time())}"
    part = path.with_name(f".{path.name}.part")
    with part.open("wb") as stream:
        for piece in local_etcd(paths).snapshot():
            stream.write(piece)
    verify(part)
    if compress:
        with zipfile.ZipFile(path.with_name(f"{path.name}.zip"), "w", zipfile.ZIP_DEFLATED) as archive:
            archive.write(part, path.name)
        part.unlink()
        return Snapshot(path.with_name(f"{path.name}.zip"))
    part.chmod(0o600)
    part.rename(path)
    return Snapshot(path)


def save_scheduled(options: Options, paths: Paths, node: str) -> Snapshot:
    """What the schedule asks for, with its retention."""
    folder = Path(options.one("etcd-snapshot-dir", str(paths.snapshots)))
    name = f"{options.one('etcd-snapshot-name', _SCHEDULED)}-{node}"
    snapshot = save(folder, name, paths, compress=options.on("etcd-snapshot-compress"))
    prune(folder, name, int(options.one("etcd-snapshot-retention", "5")))
    return snapshot


def prune(folder: Path, group: str, keep: int) -> Sequence[str]:
    """Delete all but the newest of a group."""
    members = [one for one in snapshots_in(folder) if one.group == group]
    old = sorted(members, key=lambda one: one.path.name)[: len(members) - keep] if keep < len(members) else []
    return [_delete(folder, one.path.name) for one in old]


def snapshots_in(folder: Path) -> list[Snapshot]:
    """All snapshots there."""
    found = folder.iterdir() if folder.is_dir() else ()
    return [Snapshot(path) for path in sorted(found) if path.is_file() and not path.name.startswith(".")]


def verify(path: Path) -> None:
    """Hold a snapshot against the checksum that etcd wrote at its end.

    Raises:
        SnapshotError: when it is cut short or changed.
    """
    size = path.stat().st_size
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        left = size - 32
        while left > 0 and (piece := stream.read(min(left, 1 << 20))):
            digest.update(piece)
            left -= len(piece)
        if size % 512 != 32 or stream.read() != digest.digest():
            raise SnapshotError("snapshot file integrity check failed")


def unpacked(path: Path, folder: Path) -> Path:
    """The snapshot ready to be restored: out of its archive when it lies in one."""
    if path.suffix not in {".zip", ".gz"}:
        return path
    content = folder / path.stem
    with content.open("wb") as stream:
        if path.suffix == ".gz":
            with gzip.open(path) as archive:
                shutil.copyfileobj(archive, stream)
        else:
            with zipfile.ZipFile(path) as archive, archive.open(archive.namelist()[0]) as member:
                shutil.copyfileobj(member, stream)
    return content


def _delete(folder: Path, name: str) -> str:
    path = folder / Path(name).name
    if not path.is_file():
        raise SnapshotError(f"snapshot {name} not found")
    path.unlink()
    return f"Snapshot {name} deleted."


def _table(folder: Path) -> Sequence[str]:
    rows = [("Name", "Location", "Size", "Created")]
    for one in snapshots_in(folder):
        created = one.created.strftime("%Y-%m-%dT%H:%M:%SZ")
        rows.append((one.path.name, f"file://{one.path}", str(one.path.stat().st_size), created))
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]
