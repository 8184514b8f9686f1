"""The image that others build on: Debian with its Python, under the name that Containerfiles use.

Elsewhere ``python:3.11-slim-bookworm`` comes from a registry; here debootstrap makes it of Debian's packages.
What differs from one installation to the next (times, logs, lists, the machine's own files) is taken out.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from homeostat import digest
from infra.local.images.access import CERTIFICATES
from infra.local.images.debian_sources import RELEASE, Source, sources_list
from infra.local.images.running import OWN_MOUNTS, run

PACKAGES = ("ca-certificates", "python3", "python3-venv")
#: the folder with the Containerfile that makes an image of it, below the repository's root
RECIPE = Path("infra/local/images/recipes/base")
_ENVIRONMENT: Mapping[str, str] = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "LANG": "C.UTF-8",
    "LC_ALL": "C.UTF-8",
    "DEBIAN_FRONTEND": "noninteractive",
    "PYTHONHASHSEED": "0",
}
LIMIT_SECONDS = 1200
#: days since 1970, in /etc/shadow as the day of every password's last change
_CONSTANT_DAY = "3652"

#: what an installation leaves that no program needs, or that the machine wrote
_LEFT_OVER = (
    "etc/apt/apt.conf.d/99machine",
    "etc/apt/sources.list",
    "etc/hostname",
    "etc/machine-id",
    "etc/resolv.conf",
    "run/secrets",
    "usr/share/doc",
    "usr/share/info",
    "usr/share/locale",
    "usr/share/man",
)
_EMPTIED = ("var/cache/apt", "var/cache/debconf", "var/cache/ldconfig", "var/lib/apt/lists", "var/log", "tmp")
_CHANGING = ("etc/*-", "var/lib/dpkg/*-old", "var/lib/dpkg/lock*")
_DPKG = """\
# an image has no reader for these
path-exclude=/usr/share/doc/*
path-exclude=/usr/share/info/*
path-exclude=/usr/share/locale/*
path-exclude=/usr/share/man/*
"""
#: a build starts no service
_POLICY = "#!/bin/sh\nexit 101\n"


def inputs() -> str:
    """The digest of everything that decides what is in the base, but for Debian's own updates."""
    return digest.of_file(Path(__file__))


def write_root(
    context: Path,
    debootstrap: Path,
    sources: Sequence[Source],
    secrets: Mapping[str, Path],
    log: Path,
    doing: Callable[[str], None],
) -> None:
    """Write ``root.tar`` into the build context of the base image.

    Args:
        context: an empty folder with room for the system, which is installed there first.
        debootstrap: the program that installs it.
        sources: where Debian comes from.
        secrets: how this machine reaches it.
        log: gets what the installation prints.
        doing: hears what is done.

    Raises:
        ImageError: when a package can't be had, or the disk is full.
    """
    root = context / "root"
    doing("installing Debian")
    included = f"--include={','.join(PACKAGES)}"
    installing = [*OWN_MOUNTS, debootstrap, "--variant=minbase", included, RELEASE, root, sources[0].mirror]
    run(installing, log, what="installing Debian", limit_seconds=LIMIT_SECONDS)
    doing("bringing Debian up to date")
    _upgrade(root, sources, secrets, log)
    _compile(root, log)
    _tidy(root)
    archive = [
        "tar",
        "--create",
        f"--file={context / 'root.tar'}",
        "--numeric-owner",
        f"--directory={root}",
        ".",
    ]
    run(archive, log, what="packing Debian", limit_seconds=LIMIT_SECONDS)
    shutil.rmtree(root)


def _upgrade(root: Path, sources: Sequence[Source], secrets: Mapping[str, Path], log: Path) -> None:
    """Bring in the security updates, by the machine's own way to its mirrors."""
    (root / "etc/apt/sources.list").write_text(sources_list(sources), encoding="utf-8")
    shutil.copyfile(secrets["apt-configuration"], root / "etc/apt/apt.conf.d/99machine")
    shutil.copyfile("/etc/resolv.conf", root / "etc/resolv.conf")
    (root / CERTIFICATES.removeprefix("/")).parent.mkdir(parents=True)
    shutil.copyfile(secrets["certificates"], root / CERTIFICATES.removeprefix("/"))
    policy = root / "usr/sbin/policy-rc.d"
    policy.write_text(_POLICY, encoding="utf-8")
    policy.chmod(0o755)
    (root / "etc/dpkg/dpkg.cfg.d/slim").write_text(_DPKG, encoding="utf-8")
    for arguments in (("update",), ("--yes", "dist-upgrade")):
        _inside(root, ["apt-get", "--quiet", *arguments], log, "bringing Debian up to date")


def _compile(root: Path, log: Path) -> None:
    """Compile Python's own library so that it does not depend on the files' times, which a layer changes."""
    command = ["python3", "-m", "compileall", "-f", "-q", "--invalidation-mode", "unchecked-hash"]
    _inside(root, [*command, "/usr/lib/python3.11"], log, "compiling Python's library")
    (root / "usr/local/bin/python").symlink_to("/usr/bin/python3")


def _inside(root: Path, command: Sequence[str], log: Path, what: str) -> None:
    chroot = [*OWN_MOUNTS, "chroot", str(root), *command]
    run(chroot, log, what=what, limit_seconds=LIMIT_SECONDS, variables=_ENVIRONMENT)


def _tidy(root: Path) -> None:
    for name in _LEFT_OVER:
        path = root / name
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    for name in _EMPTIED:
        for path in (root / name).glob("*"):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    for pattern in _CHANGING:
        for path in root.glob(pattern):
            path.unlink()
    shadow = root / "etc/shadow"
    lines = [line.split(":") for line in shadow.read_text(encoding="utf-8").splitlines()]
    constant = [":".join([*fields[:2], _CONSTANT_DAY, *fields[3:]]) for fields in lines]
    shadow.write_text("\n".join(constant) + "\n", encoding="utf-8")
