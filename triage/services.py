"""The services that this room wants to run."""

from __future__ import annotations

from collections.abc import Iterable

from homeostat.service import Service, Site


def services(site: Site) -> Iterable[Service]:
    """None yet."""
    del site
    return ()
