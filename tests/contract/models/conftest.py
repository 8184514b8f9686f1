"""Fixtures of the models' manifests."""

from __future__ import annotations

import pytest

from tests.apiserver import apiserver
from tests.contract.models.folder import Rendered, rendered

__all__ = ["apiserver"]


@pytest.fixture(scope="session", params=["homelab", "local"])
def model(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Rendered:
    """A released model, in each of the environments."""
    return rendered(tmp_path_factory.mktemp("manifests"), request.param)
