"""A place with certificates and made-up programs: enough to render every configuration, nothing runs."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from infra.local import identities
from infra.local.certificates import Certificates
from infra.local.place import Place
from infra.local.toolbox import FROM_DEBIAN, FROM_GO, Toolbox


def bare_place(folder: Path) -> tuple[Place, Toolbox, Certificates]:
    """A place in ``folder``, its programs and its certificates."""
    place = Place(folder, folder / "cluster")
    names = (*FROM_DEBIAN, *FROM_GO)
    tools = Toolbox({name: folder / "usr" / "sbin" / name for name in names}, dict.fromkeys(names, "1.2.3"))
    certificates = Certificates(place.certificates)
    now = datetime.now(UTC)
    certificates.prepare(now)
    for subject in identities.ALL:
        certificates.issue(subject, now)
    return place, tools, certificates
