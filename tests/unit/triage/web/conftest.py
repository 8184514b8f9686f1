"""One browser for all tests of pages."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser import Looked, browser, looked_at


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with browser(tmp_path_factory.mktemp("browser")) as started:
        yield started


@pytest.fixture
def look(chromium: Browser) -> Iterator[Looked]:
    """A fresh window, as wide as a small phone."""
    context = chromium.new_context(viewport={"width": 360, "height": 740})
    looked = looked_at(context.new_page())
    yield looked
    assert looked.complaints == []
    context.close()
