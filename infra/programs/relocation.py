"""Packaged programs run from a folder that they were not packaged for.

A package expects its files where it is installed. Shared libraries are found through LD_LIBRARY_PATH.
Debian's Prometheus and Alertmanager have the folder of their templates compiled in, and no option names
another: so our copy of the program gets, in the place of that path, one of the same length through a file
descriptor that the launching script opens on the unpacked folder.
"""

from __future__ import annotations

import os
import shlex
from pathlib import Path

from homeostat import atomic
from infra.programs.program import DebianPackage

_DESCRIPTOR = 9
#: beside the unpacked files: the launching scripts, and the programs that they run
_OURS = "homeostat"


def launcher(name: str, package: DebianPackage, unpacked: Path) -> Path:
    """What to run instead of the program ``name`` in ``unpacked``; the program itself when it needs no help.

    Raises:
        OSError: when the script or the program can't be written.
    """
    packaged = unpacked / package.path
    if not package.libraries and package.compiled_in is None:
        return packaged
    script, binary = unpacked / _OURS / name, unpacked / _OURS / "bin" / name
    if not script.exists():
        _place(packaged, binary, package.compiled_in)
        atomic.write_text(script, _script(package, unpacked, binary), mode=0o755)
    return script


def _place(packaged: Path, binary: Path, compiled_in: str | None) -> None:
    """Put the program under its own name: redis-server is what it is called."""
    if compiled_in is not None:
        atomic.write_bytes(binary, relocated(packaged.read_bytes(), compiled_in), mode=0o755)
        return
    # a link, not a copy: a program may look for its data beside itself
    binary.parent.mkdir(parents=True, exist_ok=True)
    binary.unlink(missing_ok=True)
    binary.symlink_to(os.path.relpath(packaged, binary.parent))


def relocated(program: bytes, compiled_in: str) -> bytes:
    """``program`` with each ``compiled_in`` path replaced by an equally long one through the descriptor.

    >>> relocated(b"open /usr/share/prometheus/web/ui", "/usr/share/prometheus/web")
    b'open /proc/self/fd/9///////////ui'
    """
    other = f"/proc/self/fd/{_DESCRIPTOR}".ljust(len(compiled_in), "/")
    if len(other) != len(compiled_in):
        raise ValueError(f"{compiled_in} is shorter than {other}")
    return program.replace(compiled_in.encode(), other.encode())


def _script(package: DebianPackage, unpacked: Path, binary: Path) -> str:
    lines = ["#!/bin/sh"]
    if package.libraries:
        folders = sorted({str(library.parent) for library in unpacked.rglob("*.so*")})
        lines += [f"LD_LIBRARY_PATH={shlex.quote(':'.join(folders))}", "export LD_LIBRARY_PATH"]
    if package.compiled_in:
        folder = unpacked / package.compiled_in.removeprefix("/")
        lines.append(f"exec {_DESCRIPTOR}<{shlex.quote(str(folder))}")
    lines.append(f'exec {shlex.quote(str(binary))} "$@"')
    return "\n".join(lines) + "\n"
