"""A real model server of two workers with few places each."""

from __future__ import annotations

import resource
from collections.abc import Callable
from typing import Any

import httpx
import pytest

#: descriptors of each process; what remains are 128 places
DESCRIPTORS = 192


@pytest.fixture(scope="session")
def pair(start: Callable[..., Any], packed: Any) -> Any:
    server = start(packed, settings={"HOMEOSTAT_SERVING_WORKERS": "2"})
    # it looks at its limit only once the model is loaded, seconds from now
    resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, (DESCRIPTORS, DESCRIPTORS))
    server.await_ready()
    return server


@pytest.fixture
def client(pair: Any) -> Any:
    with httpx.Client(base_url=pair.url, timeout=30, trust_env=False) as client:
        yield client
