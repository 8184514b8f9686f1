"""When too many groups are a storm, and how much of it is triaged at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class StormPolicy:
    """How much is too much."""

    #: more groups than this, newly opened within ``window``, are a storm
    most_groups: int = 20
    #: of each severity and all that are graver, this many are triaged in full; so the gravest always are
    full_reports: int = 10
    window: timedelta = timedelta(minutes=1)
    #: the digest is written anew no sooner than this
    digest_pause: timedelta = timedelta(seconds=5)
