"""Backups of a K3s cluster, taken on one of its servers.

    python3 /var/lib/homeostat/backup take              snapshot, bundle, verify, store, prune
    python3 /var/lib/homeostat/backup verify FILE       is it whole, and what is it of?
    python3 /var/lib/homeostat/backup extract FILE DIR  its snapshot and token, for a restore

Prints one JSON object; a failure is one sentence on standard error and the exit code 1.
"""

from __future__ import annotations

import argparse
import fcntl
import json
import re
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import bundle
import s3

SETTINGS = Path("/etc/homeostat/backup.json")
KEYS = Path("/etc/homeostat/backup.env")
SERVER = Path("/var/lib/rancher/k3s/server")
METRICS = Path("/var/lib/node_exporter/textfile/homeostat_backup.prom")
LOCK = Path("/run/homeostat-backup.lock")
_LIMIT_SECONDS = 900
_NAME = "homeostat"


class Failed(Exception):  # noqa: N818 - named after what happened
    """The backup could not be taken; the message says why."""


def main() -> int:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(prog="backup")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("take")
    commands.add_parser("verify").add_argument("file", type=Path)
    extract = commands.add_parser("extract")
    extract.add_argument("file", type=Path)
    extract.add_argument("folder", type=Path)
    given = parser.parse_args()
    try:
        if given.command == "take":
            told = take(json.loads(SETTINGS.read_text(encoding="utf-8")))
        elif given.command == "verify":
            told = bundle.verify(given.file)
        else:
            told = bundle.extract(given.file, given.folder)
    except (Failed, bundle.BundleError, s3.BucketError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(json.dumps(told) + "\n")
    return 0


def take(settings: dict) -> dict:
    """Take a backup, store it everywhere that it should be, and forget the oldest."""
    folder = Path(settings["folder"])
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    prefix = f"{settings['cluster']}-{settings['node']}-"
    now = datetime.now(UTC)
    target = folder / f"{prefix}{now:%Y%m%dT%H%M%SZ}.tar.gz"
    about = {
        "cluster": settings["cluster"],
        "node": settings["node"],
        "taken_at": now.isoformat(),
        "k3s": version(),
    }
    with only_one(), snapshot() as taken:
        bundle.write(target, taken, (SERVER / "token").read_text(encoding="utf-8"), about)
    # read again from the disk: what can't be read is no backup
    bundle.verify(target)
    if settings["s3"]:
        store(settings, prefix, target)
    forget(folder, prefix, settings["keep"])
    measure(settings, target)
    return {**about, "file": str(target), "bytes": target.stat().st_size}


@contextmanager
def only_one() -> Iterator[None]:
    """A timer and a person may ask at the same time: the second waits."""
    with LOCK.open("w") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield


@contextmanager
def snapshot() -> Iterator[Path]:
    """A snapshot by K3s, gone when the block ends: K3s keeps count of those in its folder."""
    folder = SERVER / "db" / "snapshots"
    before = set(folder.glob(f"{_NAME}-*"))
    k3s("etcd-snapshot", "save", "--name", _NAME)
    new = sorted(set(folder.glob(f"{_NAME}-*")) - before)
    if len(new) != 1:
        raise Failed(f"k3s etcd-snapshot save left {len(new)} new files in {folder}, not one.")
    try:
        yield new[0]
    finally:
        k3s("etcd-snapshot", "delete", new[0].name)
        new[0].unlink(missing_ok=True)


def version() -> str:
    """The version of the installed K3s."""
    found = re.search(r"v\d+\.\d+\.\d+\S*", k3s("--version"))
    return found.group() if found else "unknown"


def k3s(*arguments: str) -> str:
    """What ``k3s`` prints."""
    try:
        done = subprocess.run(
            ["k3s", *arguments], capture_output=True, text=True, timeout=_LIMIT_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise Failed(f"k3s {' '.join(arguments)} took longer than {_LIMIT_SECONDS} s.") from None
    if done.returncode:
        last = (done.stderr.strip() or done.stdout.strip() or "no word").splitlines()[-1]
        raise Failed(f"k3s {' '.join(arguments)} failed: {last}")
    return done.stdout


def store(settings: dict, prefix: str, target: Path) -> None:
    """Put the bundle into the bucket, and forget the oldest there."""
    bucket = s3.Bucket(settings["s3"], *keys(KEYS))
    bucket.put(target)
    for name in oldest(bucket.sizes(), prefix, settings["keep"]):
        bucket.delete(name)


def keys(path: Path) -> tuple[str, str]:
    """The keys of the bucket, out of their file: on a command line or in sudo's log others would see them."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    found = {name: value for name, _, value in (line.partition("=") for line in lines)}
    access, secret = (found.get(f"BACKUP_S3_{name}_KEY", "") for name in ("ACCESS", "SECRET"))
    if not (access and secret):
        raise Failed(f"backups.s3 is set and its keys are not in {path}: run 'homeostat hosts site'.")
    return access, secret


def forget(folder: Path, prefix: str, keep: int) -> None:
    """Remove all but the newest ``keep`` bundles of this node, and what a crash left half-written."""
    for part in folder.glob(f".{prefix}*.part"):
        part.unlink(missing_ok=True)
    for name in oldest([entry.name for entry in folder.iterdir()], prefix, keep):
        (folder / name).unlink()


def oldest(names: Iterable[str], prefix: str, keep: int) -> list[str]:
    """All but the newest ``keep`` bundles with ``prefix``; the time in their names tells their order."""
    ours = re.compile(re.escape(prefix) + r"\d{8}T\d{6}Z\.tar\.gz")
    return sorted(name for name in names if ours.fullmatch(name))[:-keep]


def measure(settings: dict, target: Path) -> None:
    """Tell the node exporter, where there is one that reads this folder."""
    if not METRICS.parent.is_dir():
        return
    labels = f'{{cluster="{settings["cluster"]}",node="{settings["node"]}"}}'
    lines = (
        f"homeostat_backup_last_success_timestamp_seconds{labels} {time.time():.0f}",
        f"homeostat_backup_bytes{labels} {target.stat().st_size}",
    )
    temporary = METRICS.with_suffix(".part")
    temporary.write_text("\n".join(lines) + "\n", encoding="utf-8")
    temporary.replace(METRICS)


if __name__ == "__main__":
    sys.exit(main())
