from __future__ import annotations

import pytest

from tests.apiserver import apiserver  # noqa: F401 - a fixture
from tests.contract.platform_manifests.postgresql import Database, database


@pytest.fixture(scope="module")
def postgresql() -> Database:
    with database() as running:
        yield running
