"""A host's disk: an overlay of its own changes on the base, seen only by the processes that use it.

The overlay is mounted in a mount namespace of its user's, so the machine's table of mounts stays as it is,
and a mount is gone with the last process that sees it.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from homeostat.errors import MachineError
from tests.homelab.hosts.command import CommandFailed, run

_MOUNT = (
    *("unshare", "--mount", "--propagation", "slave", "--", "sh", "-c"),
    'mount -t overlay overlay -o "$1" "$2" && shift 2 && exec "$@"',
    "sh",
)


@dataclass(frozen=True, slots=True)
class Disk:
    """What a host has written, in ``folder``, over the base."""

    base: Path
    folder: Path

    @property
    def root(self) -> Path:
        """Where :meth:`mounted`'s command sees the host's root file system."""
        return self.folder / "root"

    def create(self) -> None:
        """Make an empty disk: the host is as its base is."""
        for part in ("upper", "work", "root"):
            (self.folder / part).mkdir(parents=True)

    def delete(self) -> None:
        """Delete what the host has written."""
        shutil.rmtree(self.folder)

    def mounted(self, *command: str) -> Sequence[str]:
        """The command line that runs ``command`` where the disk is mounted."""
        upper, work = self.folder / "upper", self.folder / "work"
        options = f"lowerdir={self.base},upperdir={upper},workdir={work}"
        return (*_MOUNT, options, str(self.root), *command)

    def script(self, text: str, *arguments: str, limit_seconds: float = 60.0) -> str:
        """Run a shell script as root in the file system of a host that does not run."""
        inside = self.mounted("chroot", str(self.root), "/bin/sh", "-eus", *arguments)
        return run(*inside, given=text.encode(), limit_seconds=limit_seconds)


def require_overlays(base: Path, folder: Path) -> None:
    """Make sure that disks can lie in ``folder``.

    Raises:
        MachineError: when they can't, as on another overlay.
    """
    if any(character in f"{base}{folder}" for character in ",:\\"):
        raise MachineError(
            f"the lab's folder {folder} has a ',', ':' or '\\' in its path, which overlays can't."
        )
    probe = Disk(base, folder / ".probe")
    probe.create()
    try:
        run(*probe.mounted("touch", str(probe.root / "probe")))
    except CommandFailed as error:
        raise MachineError(
            f"no overlay can be made in the lab's folder {folder} (in a container it may itself lie on one; "
            f"choose a folder on a volume or a tmpfs): {error}"
        ) from None
    finally:
        probe.delete()
