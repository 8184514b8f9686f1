"""``requirements/audit-ignore.yaml``: known vulnerabilities that somebody accepted, each for a time."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

from pydantic import Field

from homeostat.config import ConfigFile, Document, load

FILE = Path("requirements/audit-ignore.yaml")


class AuditIgnore(Document):
    """One accepted vulnerability."""

    id: Annotated[str, Field(pattern=r"^(PYSEC|GHSA|CVE|OSV)-[\w-]+$")]
    package: str = Field(min_length=1)
    reason: str = Field(min_length=20, description="why it does not matter here")
    reviewed: date
    expires: date = Field(description="the check fails again from this day on")


class AuditIgnores(Document):
    """All of them."""

    ignored: tuple[AuditIgnore, ...] = ()

    def hold(self, today: date) -> frozenset[str]:
        """The names of the vulnerabilities that are accepted on that day."""
        return frozenset(entry.id for entry in self.ignored if entry.expires > today)


def read_ignores(root: Path) -> AuditIgnores:
    """The accepted vulnerabilities of the repository at ``root``; none without the file.

    Raises:
        ConfigError: when the file says something that it may not.
    """
    path = root / FILE
    return load(path, AuditIgnores) if path.exists() else AuditIgnores()


def today() -> date:
    """The current day in UTC."""
    return datetime.now(UTC).date()


def config_files(root: Path) -> Iterable[ConfigFile]:
    """The list, for ``homeostat config check``."""
    if (root / FILE).exists():
        yield ConfigFile(root / FILE, lambda path: load(path, AuditIgnores))
