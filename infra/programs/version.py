"""Versions of programs, and the ranges of them that the platform supports."""

from __future__ import annotations

import re
from dataclasses import dataclass

Version = tuple[int, int, int]

_VERSION = re.compile(r"(?<![\d.])v?(\d+)\.(\d+)(?:\.(\d+))?")


def find_version(text: str) -> Version | None:
    """The first version in what a program prints about itself.

    >>> find_version("prometheus, version 2.42.0+ds (branch: debian/sid)")
    (2, 42, 0)
    """
    found = _VERSION.search(text)
    return (int(found[1]), int(found[2]), int(found[3] or 0)) if found else None


def shown(version: Version) -> str:
    """The version as people write it."""
    return ".".join(map(str, version))


@dataclass(frozen=True, slots=True)
class Supported:
    """A half-open range of versions that the platform was tried with."""

    least: Version
    below: Version

    def __contains__(self, version: Version) -> bool:
        return self.least <= version < self.below

    def __str__(self) -> str:
        return f">={shown(self.least)},<{shown(self.below)}"


ANY = Supported((0, 0, 0), (10**6, 0, 0))
