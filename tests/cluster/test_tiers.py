"""A broken tier holds back the next, and lets it through once it is mended."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cluster.live import Live
from tests.cluster.tiers_under_test import (
    assert_a_broken_tier_holds_back_the_next,
    deployment_without_an_image,
    tiers,
)

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(900)]


def test_a_broken_tier_holds_back_the_next_until_it_is_mended(live: Live, tmp_path: Path) -> None:
    root = live.get("application", "root", "--namespace=argocd")
    with tiers(live, tmp_path, root, deployment_without_an_image()) as under_test:
        assert_a_broken_tier_holds_back_the_next(under_test)


def test_the_platforms_own_tiers_came_up_one_after_the_other(live: Live) -> None:
    found = {
        item["metadata"]["name"]: item["metadata"]["creationTimestamp"]
        for item in live.items("applicationset", "--namespace=argocd")
    }
    order = [name for name in ("crds", "platform", "observability", "models") if name in found]
    assert order == sorted(order, key=found.__getitem__)
    assert len(order) == 4
