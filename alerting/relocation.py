"""Debian's Alertmanager, run from where it was unpacked without being installed.

Debian compiles the folder of its templates and pages into the program as an absolute path, no flag changes
it, and without the templates it does not start. So an unpacked one is run as a copy in which that path is
replaced by one of equal length that leads through a file descriptor to the unpacked folder. The copy lies
among the site's files; the package itself stays as it was.
"""

from __future__ import annotations

from pathlib import Path

from alerting.errors import NotRelocatable
from homeostat import atomic

_COMPILED_IN = Path("/usr/share/prometheus/alertmanager")
_NEEDED = "default.tmpl"
# a single digit, which every shell can open; the slashes at its end mean nothing
_DESCRIPTOR = 9
_REPLACEMENT = f"/proc/self/fd/{_DESCRIPTOR}"
_OPEN_THEN_RUN = f'exec {_DESCRIPTOR}<"$1"; shift; exec "$@"'


def runnable(program: Path, folder: Path, installed: Path = _COMPILED_IN) -> tuple[str, ...]:
    """The beginning of a command line that starts Alertmanager, whether or not it is installed.

    Args:
        program: an Alertmanager, from anywhere.
        folder: where a relocated copy may go.
        installed: the folder that an installed Debian package has.

    Raises:
        NotRelocatable: when the unpacked program does not hold the path that has to be replaced.
    """
    unpacked = program.resolve().parents[1] / "share" / "prometheus" / "alertmanager"
    if (installed / _NEEDED).exists() or not (unpacked / _NEEDED).exists():
        return (str(program),)
    copy = folder / "alertmanager"
    _relocate(program, copy)
    # exec keeps the process: whoever starts this watches Alertmanager itself
    return ("/bin/sh", "-c", _OPEN_THEN_RUN, "alertmanager", str(unpacked), str(copy))


def _relocate(program: Path, copy: Path) -> None:
    old = bytes(_COMPILED_IN)
    content = program.read_bytes()
    if old not in content:
        raise NotRelocatable(f"{program} does not hold the path {_COMPILED_IN}: install the package instead.")
    relocated = content.replace(old, _REPLACEMENT.encode().ljust(len(old), b"/"))
    if not copy.exists() or copy.read_bytes() != relocated:
        atomic.write_bytes(copy, relocated, mode=0o755)
