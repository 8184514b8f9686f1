"""A third-party program, the ways to come by it, and the proof that it works."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from infra.programs.version import ANY, Supported, Version, find_version, shown

#: tells a waiting person what is being done
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class DebianPackage:
    """Where a Debian package holds the program."""

    name: str
    #: inside the package
    path: str
    #: packages with shared libraries that the program needs beside itself
    libraries: tuple[str, ...] = ()
    #: a folder that the program can't do without, and whose installed path is compiled into it
    compiled_in: str | None = None


@dataclass(frozen=True, slots=True)
class GoPackage:
    """Where the Go source of the program lies."""

    #: the folder ``tools/<family>`` with the go.mod that pins it
    family: str
    #: what ``go build`` is given
    package: str
    #: the module whose version is the program's
    module: str
    #: the linker's variable that the program prints as its version, if it has one
    version_variable: str | None = None
    #: what goes before the version in that variable
    stamp: str = ""


@dataclass(frozen=True, slots=True)
class Program:
    """A program that the platform runs but does not contain."""

    name: str
    version_arguments: tuple[str, ...] = ("--version",)
    supported: Supported = ANY
    debian: DebianPackage | None = None
    go: GoPackage | None = None


@dataclass(frozen=True, slots=True)
class Obtained:
    """A program that works here."""

    path: Path
    version: str
    #: the name of the source that it came from
    source: str


class Unavailable(Exception):  # noqa: N818 - it tells a state, and the next source is asked
    """A source can't give the program; the message says why in one sentence without the program's name."""


class Source(Protocol):
    """One place that programs come from."""

    @property
    def name(self) -> str:
        """What a person calls it, and chooses it by."""
        ...

    def obtain(self, program: Program, say: Say) -> Obtained:
        """Bring the program to this machine.

        Raises:
            Unavailable: when this source can't give one that works.
        """
        ...


def examine(program: Program, path: Path) -> Version | None:
    """Run the program at ``path`` for its version; None when it works but does not tell one.

    Raises:
        Unavailable: when it does not run, or its version is outside of the supported range.
    """
    try:
        ran = subprocess.run(
            [path, *program.version_arguments],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=30,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Unavailable(f"{path} does not run: {error}.") from None
    said = f"{ran.stdout}\n{ran.stderr}"
    if ran.returncode != 0:
        raise Unavailable(f"{path} exits with {ran.returncode}: {_last_line(said)}")
    version = find_version(said)
    require_supported(program, path, version)
    return version


def require_supported(program: Program, path: Path, version: Version | None) -> None:
    """Hold ``version`` against the supported range.

    Raises:
        Unavailable: when it lies outside.
    """
    if version is not None and version not in program.supported:
        raise Unavailable(f"{path} is version {shown(version)}, and supported is {program.supported}.")


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1][:200] if lines else "it says nothing."
