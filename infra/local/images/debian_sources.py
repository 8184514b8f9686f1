"""Where this machine gets Debian from: images get it from there too."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass

from infra.local.images.errors import ImageError

RELEASE = "bookworm"
#: what comes from the mirror, and what from the mirror of security updates
_SUITES = ((RELEASE, "Debian"), (f"{RELEASE}-updates", "Debian"), (f"{RELEASE}-security", "Debian-Security"))
_COMPONENT = "main"
_FORMAT = "$(REPO_URI) $(LABEL) $(COMPONENT)"


@dataclass(frozen=True, slots=True)
class Source:
    """One suite on one mirror."""

    mirror: str
    suite: str


def machine_sources() -> Sequence[Source]:
    """The mirrors of Debian that apt is configured with.

    Raises:
        ImageError: when there is no apt, or it knows no mirror of Debian.
    """
    try:
        asked = subprocess.run(
            ["apt-get", "indextargets", "--format", _FORMAT, "Created-By: Packages"],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
    except FileNotFoundError:
        raise ImageError("images are made of Debian's packages, and there is no apt-get here.") from None
    found = chosen_sources(asked.stdout)
    if not found:
        raise ImageError(
            "apt knows no mirror of Debian: images are made of its packages. "
            "On a Debian machine run apt-get update first."
        )
    return found


def chosen_sources(index_targets: str) -> Sequence[Source]:
    """The suites of the release that have a mirror among apt's targets; none without the first of them.

    >>> [source.suite for source in chosen_sources("http://mirror.invalid/debian/ Debian main")]
    ['bookworm', 'bookworm-updates']
    """
    mirrors: dict[str, str] = {}
    for line in index_targets.splitlines():
        mirror, _, told = line.partition(" ")
        label, _, component = told.rpartition(" ")
        if component == _COMPONENT:
            mirrors.setdefault(label, mirror.rstrip("/"))
    if "Debian" not in mirrors:
        return ()
    return tuple(Source(mirrors[label], suite) for suite, label in _SUITES if label in mirrors)


def sources_list(sources: Sequence[Source]) -> str:
    """The text of a ``sources.list``.

    >>> print(sources_list([Source("http://mirror.invalid/debian", "bookworm")]), end="")
    deb http://mirror.invalid/debian bookworm main
    """
    return "".join(f"deb {source.mirror} {source.suite} {_COMPONENT}\n" for source in sources)
