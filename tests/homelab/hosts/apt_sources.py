"""Which Debian mirror this machine uses, so that no mirror is named here."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from homeostat.errors import MachineError

APT = Path("/etc/apt")


def mirror(suite: str, folder: Path = APT) -> str:
    """The address of the mirror that has ``suite``.

    Raises:
        MachineError: when the machine's sources name none.
    """
    found = [entry for path in _files(folder) for entry in sources(path.read_text(encoding="utf-8"))]
    for address, suites in found:
        if suite in suites:
            return address
    for address, _ in found:
        if address.rstrip("/").endswith("/debian"):
            return address
    raise MachineError(
        f"the apt sources in {folder} name no mirror of Debian, from which a host could be made."
    )


def sources(text: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    r"""Each address with its suites, of a file in either of apt's two formats.

    >>> list(sources("deb [signed-by=/k] http://m.example/debian bookworm main"))
    [('http://m.example/debian', ('bookworm',))]
    >>> list(sources("Types: deb\nURIs: http://m.example/debian\nSuites: bookworm bookworm-updates"))
    [('http://m.example/debian', ('bookworm', 'bookworm-updates'))]
    """
    for line in text.splitlines():
        if found := re.match(r"deb\s+(?:\[[^\]]*\]\s+)?(\S+)\s+(\S+)", line):
            yield found[1], (found[2],)
    for stanza in re.split(r"\n\s*\n", text):
        lines = [line for line in stanza.splitlines() if not line.startswith("#")]
        fields = {name.strip().lower(): value for name, _, value in (line.partition(":") for line in lines)}
        if "deb" in fields.get("types", "").split():
            for address in fields.get("uris", "").split():
                yield address, tuple(fields.get("suites", "").split())


def _files(folder: Path) -> list[Path]:
    parts = folder / "sources.list.d"
    found = [folder / "sources.list", *sorted(parts.glob("*.list")), *sorted(parts.glob("*.sources"))]
    return [path for path in found if path.is_file()]
