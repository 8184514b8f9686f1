"""Debian packages, unpacked into the state folder: no root, no service started, nothing installed."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from infra import disk
from infra.programs.obtaining_command import Commands
from infra.programs.program import (
    DebianPackage,
    Obtained,
    Program,
    Say,
    Unavailable,
    examine,
)
from infra.programs.relocation import launcher
from infra.programs.version import shown

#: for one apt-get or dpkg-deb
LIMIT_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Debian:
    """The source ``deb``, with everything that it fetches below ``folder``."""

    folder: Path
    name: str = "deb"

    def obtain(self, program: Program, say: Say) -> Obtained:
        """Fetch the package that holds the program, once, and unpack it."""
        package = program.debian
        if package is None:
            raise Unavailable("Debian has no package of it.")
        unpacked = self.folder / package.name
        if not (unpacked / package.path).exists():
            self._fetch(package, unpacked, say)
        path = launcher(program.name, package, unpacked)
        version = examine(program, path)
        return Obtained(path, shown(version) if version else "unknown", self.name)

    def _fetch(self, package: DebianPackage, unpacked: Path, say: Say) -> None:
        for tool in ("apt-get", "dpkg-deb"):
            if shutil.which(tool) is None:
                raise Unavailable(f"{tool} is not on this machine.")
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=self.folder, prefix=".unfinished-") as name:
                work = Path(name)
                self._download((package.name, *package.libraries), work, say)
                say(f"unpacking {package.name}")
                content = work / "content"
                content.mkdir()
                for archive in sorted(work.glob("*.deb")):
                    _COMMANDS.run(["dpkg-deb", "-x", archive.name, "content"], work)
                if not (content / package.path).exists():
                    raise Unavailable(f"the package {package.name} has no {package.path}.")
                shutil.rmtree(unpacked, ignore_errors=True)
                content.rename(unpacked)
        except OSError as error:
            raise Unavailable(disk.explain(error, self.folder)) from None

    def _download(self, packages: Sequence[str], work: Path, say: Say) -> None:
        """Download into ``work``: with the machine's package lists, else with lists of our own."""
        say(f"fetching the Debian package {packages[0]}")
        try:
            _COMMANDS.run(["apt-get", *_as_ourselves(), "download", *packages], work)
        except Unavailable as first:
            if "disk" in str(first):
                raise
            self._download_with_own_lists(packages, work, say)

    def _download_with_own_lists(self, packages: Sequence[str], work: Path, say: Say) -> None:
        options = (*_as_ourselves(), *self._own_lists())
        try:
            say("fetching the lists of Debian's packages")
            _COMMANDS.run(["apt-get", *options, "update"], work)
            say(f"fetching the Debian package {packages[0]}")
            _COMMANDS.run(["apt-get", *options, "download", *packages], work)
        except Unavailable as error:
            raise Unavailable(
                f"apt-get can't fetch {packages[0]} ({str(error).rstrip('.')}); "
                "if the machine's package lists are empty or old, run apt-get update."
            ) from None

    def _own_lists(self) -> tuple[str, ...]:
        """Options that let apt keep its lists below our folder, which needs no root."""
        own = self.folder / "apt"
        (own / "state" / "lists" / "partial").mkdir(parents=True, exist_ok=True)
        (own / "cache" / "archives" / "partial").mkdir(parents=True, exist_ok=True)
        return (
            *("-o", f"Dir::State={own}/state", "-o", "Dir::State::status=/var/lib/dpkg/status"),
            *("-o", f"Dir::Cache={own}/cache", "-o", "APT::Update::Error-Mode=any"),
            *("-o", "APT::Update::Post-Invoke-Success::=", "-o", "APT::Update::Post-Invoke::="),
        )


def _as_ourselves() -> tuple[str, ...]:
    """Root would else download as the user _apt, who may not write into our folder."""
    return ("-q", "-o", "APT::Sandbox::User=root") if os.getuid() == 0 else ("-q",)


def _reason(lines: Sequence[str]) -> str:
    return next((line for line in lines if line.startswith(("E:", "dpkg-deb:"))), lines[0])


_COMMANDS = Commands(LIMIT_SECONDS, _reason, {"LC_ALL": "C"})
