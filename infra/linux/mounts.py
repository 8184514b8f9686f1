"""What is mounted where, as ``/proc/mounts`` tells it, and how mounts below a folder are removed."""

from __future__ import annotations

import ctypes
import os
import re
from collections.abc import Sequence
from pathlib import Path

MOUNTS = Path("/proc/self/mounts")
#: umount2(2): take it away at once, and let go of it when nobody uses it any more
MNT_DETACH = 2

_OCTAL = re.compile(r"\\([0-7]{3})")


def below(folder: Path, mounts: str) -> Sequence[Path]:
    r"""Where something is mounted at or below ``folder``, in the order in which it can be unmounted.

    What was mounted last comes first: it may lie on what was mounted before.

    >>> below(Path("/a"), "x /a/b t rw 0 0\ny /a/b/c\\040d t rw 0 0\nz /ab t rw 0 0")
    [PosixPath('/a/b/c d'), PosixPath('/a/b')]
    """
    points = [_unescaped(line.split()[1]) for line in mounts.splitlines() if len(line.split()) > 1]
    return [point for point in reversed(points) if point.is_relative_to(folder)]


def unmount_below(folder: Path) -> Sequence[Path]:
    """Unmount everything at or below ``folder``; return what was unmounted.

    Raises:
        OSError: when the kernel refuses one of them.
    """
    resolved = folder.resolve()
    found = below(resolved, MOUNTS.read_text(encoding="utf-8", errors="surrogateescape"))
    for point in found:
        _unmount(point)
    return found


def _unmount(point: Path) -> None:
    library = ctypes.CDLL(None, use_errno=True)
    if library.umount2(os.fsencode(point), MNT_DETACH) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), str(point))


def _unescaped(word: str) -> Path:
    """A path as proc(5) writes it: blanks and the like as octal numbers."""
    return Path(_OCTAL.sub(lambda found: chr(int(found[1], 8)), word))
