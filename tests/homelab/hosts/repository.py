"""An apt repository with what the roles install, fetched once with the base's own apt and kept beside it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path

from homeostat import digest
from tests.homelab.hosts.apt_sources import mirror
from tests.homelab.hosts.base import SUITE, cache, made_once
from tests.homelab.hosts.command import run
from tests.homelab.hosts.disk import Disk

#: what role base installs and a cloud image does not hold
PACKAGES = (
    *("chrony", "nftables", "unattended-upgrades", "qemu-guest-agent", "open-iscsi", "nfs-common"),
    *("curl", "ca-certificates", "tar", "zstd", "python3-apt", "iptables", "gpg", "rsync", "jq", "ethtool"),
)
_LIMIT_SECONDS = 900.0
_FETCH = """
suite=$1 mirror=$2 resolver=$3
shift 3
echo "$resolver" >/etc/resolv.conf
echo "deb $mirror $suite main" >/etc/apt/sources.list
apt-get update --quiet=2
apt-get install --quiet=2 --yes --download-only -o APT::Keep-Downloaded-Packages=true "$@"
"""


def repository(base: Path) -> Path:
    """The folder with packages and their index, made when it is missing (a minute)."""
    key = digest.of_parts([("base", base.name), ("packages", " ".join(PACKAGES))])
    return made_once(cache() / f"apt-{key[:16]}", lambda folder: _make(base, folder))


def _make(base: Path, folder: Path) -> None:
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".unfinished-") as name:
        disk = Disk(base, Path(name) / "disk")
        disk.create()
        resolver = Path("/etc/resolv.conf").read_text(encoding="utf-8")
        disk.script(_FETCH, SUITE, mirror(SUITE), resolver, *PACKAGES, limit_seconds=_LIMIT_SECONDS)
        for package in sorted((disk.folder / "upper/var/cache/apt/archives").glob("*.deb")):
            shutil.move(package, folder / package.name)
    index(folder)


def index(folder: Path) -> None:
    """Write ``Packages`` and ``Release`` of a flat repository (``deb [trusted=yes] URL ./``)."""
    text = "\n".join(_paragraphs(folder))
    (folder / "Packages").write_text(text, encoding="utf-8")
    (folder / "Release").write_text(
        f"Origin: Debian\nLabel: Debian\nSuite: stable\nCodename: {SUITE}\n"
        f"Date: {format_datetime(datetime.now(UTC), usegmt=True)}\nArchitectures: amd64 all\n"
        f"SHA256:\n {digest.of_bytes(text.encode())} {len(text.encode())} Packages\n",
        encoding="utf-8",
    )


def _paragraphs(folder: Path) -> Iterator[str]:
    for package in sorted(folder.glob("*.deb")):
        control = run("dpkg-deb", "--field", str(package)).strip()
        size, checksum = package.stat().st_size, digest.of_file(package)
        yield f"{control}\nFilename: ./{package.name}\nSize: {size}\nSHA256: {checksum}\n"
