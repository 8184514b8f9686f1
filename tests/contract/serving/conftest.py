"""One event loop for all requests, since the engine's queue belongs to the loop of its first one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.contract.serving.applications import Both, both
from tests.contract.serving.exchange import Answered, Asked, ask


@pytest.fixture(scope="session")
def applications() -> Both:
    """Ours and kserve's, with the same model."""
    return both()


@pytest.fixture(scope="session")
def answer() -> Iterator[Callable[[Any, Asked], Answered]]:
    """Asks an application."""
    with asyncio.Runner() as runner:
        yield lambda app, asked: runner.run(ask(app, asked))
