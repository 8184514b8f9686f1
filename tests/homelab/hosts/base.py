"""The root file system that all hosts start from: a small Debian, made once and kept in the user's cache.

It holds what a cloud image of Debian holds and our roles don't install.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

from homeostat import digest
from tests.homelab.hosts.apt_sources import mirror
from tests.homelab.hosts.command import run

SUITE = "bookworm"
PACKAGES = (
    *("systemd", "systemd-sysv", "systemd-timesyncd", "dbus", "libpam-systemd", "openssh-server", "sudo"),
    *("python3", "iproute2", "iputils-ping", "netbase", "ca-certificates", "wget", "kmod", "procps"),
    *("uuid-runtime", "e2fsprogs", "fdisk", "less"),
)
_LIMIT_SECONDS = 1200.0
#: what must differ between hosts, or is this machine's
_REMOVED = (
    "etc/hostname",
    "etc/resolv.conf",
    "etc/machine-id",
    "etc/apt/sources.list",
    "var/lib/dbus/machine-id",
)


def cache() -> Path:
    """The folder that keeps what is made once for all labs of this user."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "homeostat" / "hosts"


def base() -> Path:
    """The base, made when it is missing (a minute)."""
    key = digest.of_parts([("suite", SUITE), ("packages", " ".join(PACKAGES))])
    return made_once(cache() / f"base-{key[:16]}", _make)


def made_once(path: Path, make: Callable[[Path], None]) -> Path:
    """``path``, made by ``make`` in a folder beside it when it is missing, and renamed when it is whole."""
    with _one_at_a_time(path.parent):
        if not path.exists():
            for left in path.parent.glob(".unfinished-*"):
                shutil.rmtree(left)
            unfinished = Path(tempfile.mkdtemp(dir=path.parent, prefix=".unfinished-"))
            make(unfinished)
            unfinished.chmod(0o755)
            unfinished.rename(path)
    return path


@contextmanager
def _one_at_a_time(folder: Path) -> Generator[None]:
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("a") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield


def _make(folder: Path) -> None:
    # what debootstrap mounts is gone with it, even when it is killed
    run(
        *("unshare", "--mount", "--propagation", "slave", "--", "debootstrap", "--variant=minbase"),
        *(f"--include={','.join(PACKAGES)}", SUITE, str(folder), mirror(SUITE)),
        limit_seconds=_LIMIT_SECONDS,
    )
    for path in (*(folder / name for name in _REMOVED), *(folder / "etc/ssh").glob("ssh_host_*")):
        path.unlink(missing_ok=True)
    run("chroot", str(folder), "apt-get", "clean")
    run("chroot", str(folder), "systemctl", "enable", "systemd-networkd.service")
