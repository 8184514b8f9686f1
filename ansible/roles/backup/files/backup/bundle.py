"""One backup in one file: a snapshot of etcd, the token that it can't be read without, and checksums."""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import tarfile
from pathlib import Path
from typing import BinaryIO

SNAPSHOT, TOKEN, ABOUT, SUMS = "snapshot.db", "token", "about.json", "SHA256SUMS"
FORMAT = 1
_TOKEN = re.compile(r"K10[0-9a-f]{64}::(?:server:)?\S{4,}")
#: etcd puts the SHA-256 of a snapshot behind its pages, which are multiples of this many bytes
_PAGE_BYTES, _HASH_BYTES = 512, 32
_CHUNK_BYTES = 1 << 20


class BundleError(Exception):
    """The file is no backup that the cluster could be restored from; the message says why."""


def write(target: Path, snapshot: Path, token: str, about: dict) -> None:
    """Make the bundle ``target``, whole or not at all, for its owner alone."""
    texts = {TOKEN: token.strip() + "\n", ABOUT: json.dumps({**about, "format": FORMAT}, indent=2) + "\n"}
    sums = {name: hashlib.sha256(text.encode()).hexdigest() for name, text in texts.items()}
    with snapshot.open("rb") as stream:
        sums[SNAPSHOT] = hashlib.file_digest(stream, "sha256").hexdigest()
    texts[SUMS] = "".join(f"{digest}  {name}\n" for name, digest in sorted(sums.items()))
    temporary = target.with_name(f".{target.name}.part")
    temporary.unlink(missing_ok=True)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as raw:
            with tarfile.open(fileobj=raw, mode="w:gz", compresslevel=3) as archive:
                for name, text in texts.items():
                    _add(archive, name, io.BytesIO(text.encode()), len(text.encode()))
                with snapshot.open("rb") as stream:
                    _add(archive, SNAPSHOT, stream, snapshot.stat().st_size)
            raw.flush()
            os.fsync(raw.fileno())
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _add(archive: tarfile.TarFile, name: str, stream: BinaryIO, size: int) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = size, 0o600
    archive.addfile(entry, stream)


def verify(path: Path) -> dict:
    """What the bundle says of itself, once all of it was read and found right.

    Raises:
        BundleError: when anything is missing, cut off or changed.
    """
    try:
        with tarfile.open(path, "r:gz") as archive:
            return _verified(path, archive)
    except (tarfile.TarError, EOFError, OSError, ValueError, KeyError) as error:
        raise BundleError(f"{path} can't be read as a backup: {error}.") from None


def extract(path: Path, folder: Path) -> dict:
    """Verify the bundle and lay its snapshot and token into ``folder``; return what it says of itself."""
    about = verify(path)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tarfile.open(path, "r:gz") as archive:
        for name in (SNAPSHOT, TOKEN):
            descriptor = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "wb") as out, archive.extractfile(name) as stream:
                while chunk := stream.read(_CHUNK_BYTES):
                    out.write(chunk)
                out.flush()
                os.fsync(out.fileno())
    return about


def _verified(path: Path, archive: tarfile.TarFile) -> dict:
    names = set(archive.getnames())
    if TOKEN not in names:
        raise BundleError(f"{path} holds no server token, without which its snapshot stays shut.")
    if lacking := sorted({SNAPSHOT, ABOUT, SUMS} - names):
        raise BundleError(f"{path} is no whole backup: it holds no {', '.join(lacking)}.")
    sums = dict(reversed(line.split("  ", 1)) for line in _text(archive, SUMS).splitlines())
    for name in (TOKEN, ABOUT, SNAPSHOT):
        found = _digest(archive, name)
        if sums.get(name) != found:
            raise BundleError(f"{path}: {name} was changed or damaged: its checksum is not that of {SUMS}.")
    if not _TOKEN.fullmatch(_text(archive, TOKEN).strip()):
        raise BundleError(f"{path}: its token has not the form K10<digest>::server:<password>.")
    _check_snapshot(path, archive)
    about = json.loads(_text(archive, ABOUT))
    if about.get("format") != FORMAT:
        raise BundleError(f"{path} has the format {about.get('format')}; this program reads {FORMAT}.")
    return about


def _check_snapshot(path: Path, archive: tarfile.TarFile) -> None:
    """The snapshot must carry its own hash, as etcd writes it."""
    size = archive.getmember(SNAPSHOT).size
    if size % _PAGE_BYTES != _HASH_BYTES:
        raise BundleError(f"{path}: its snapshot is cut off ({size} bytes).")
    digest = hashlib.sha256()
    with archive.extractfile(SNAPSHOT) as stream:
        left = size - _HASH_BYTES
        while left and (chunk := stream.read(min(_CHUNK_BYTES, left))):
            digest.update(chunk)
            left -= len(chunk)
        if stream.read() != digest.digest():
            raise BundleError(f"{path}: its snapshot is not what etcd wrote.")


def _text(archive: tarfile.TarFile, name: str) -> str:
    return archive.extractfile(name).read().decode()


def _digest(archive: tarfile.TarFile, name: str) -> str:
    with archive.extractfile(name) as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
