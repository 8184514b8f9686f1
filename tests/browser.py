"""A real browser for tests of pages: the machine's own, or Debian's without installing it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from homeostat.errors import MachineError
from infra.programs.obtain import standard_programs

ROOT = Path(__file__).parents[1]


@contextmanager
def browser(folder: Path) -> Iterator[Browser]:
    """A browser without a screen, or a skipped test that says why there is none."""
    program = _program()
    fonts = sorted(program.parents[1].glob("usr/share/fonts"))
    configuration = folder / "fonts.conf"
    names = "".join(f"<dir>{found}</dir>" for found in (*fonts, Path("/usr/share/fonts")))
    configuration.write_text(f"<fontconfig>{names}<cachedir>{folder}/fonts</cachedir></fontconfig>")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=program,
            # as root in a container the browser's own sandbox can't be made; it sees our pages only
            args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
            env={"HOME": str(folder), "FONTCONFIG_FILE": str(configuration), "PATH": "/usr/bin:/bin"},
        )
        try:
            yield started
        finally:
            started.close()


def _program() -> Path:
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return Path(found)
    programs = standard_programs(ROOT, ROOT / ".homeostat" / "test-programs" / "browser")
    try:
        return programs.get("chromium", lambda what: None).path
    except MachineError as error:
        pytest.skip(f"no browser: {error}")


@dataclass
class Looked:
    """A page and all that the browser complained of: errors, what the policy refused, failed requests."""

    page: Page
    complaints: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)


def looked_at(page: Page) -> Looked:
    """Watch ``page`` from now on."""
    looked = Looked(page)

    def said(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            looked.complaints.append(message.text)

    page.on("console", said)
    page.on("pageerror", lambda error: looked.complaints.append(str(error)))
    page.on("request", lambda request: looked.asked.append(request.url))
    page.on("dialog", lambda dialog: (looked.complaints.append(dialog.message), dialog.dismiss()))
    return looked
