"""A broken tier holds back the next, with Argo CD itself before a real API server."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cluster.live import Live
from tests.cluster.tiers_under_test import (
    assert_a_broken_tier_holds_back_the_next,
    deployment_without_an_image,
    tiers,
)
from tests.contract.argocd.argo_cd import argo_cd
from tests.contract.overlays import Overlay
from tests.contract.rendering import workshop
from tests.programs import find

pytestmark = [pytest.mark.go, pytest.mark.packages, pytest.mark.timeout(600)]


def test_a_broken_tier_holds_back_the_next_until_it_is_mended(tmp_path: Path):
    (tmp_path / "pushed").mkdir()
    root = workshop().render(Overlay("local", Path("argocd/root/local/application.yaml")))[0]
    with argo_cd(tmp_path, find("deb", "redis-server")) as running:
        root["spec"]["source"]["repoURL"] = running.url
        live = Live(tmp_path, running.api.kubectl_program)
        with tiers(live, tmp_path / "pushed", root, deployment_without_an_image()) as under_test:
            assert_a_broken_tier_holds_back_the_next(under_test)
