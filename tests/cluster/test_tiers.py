"""A broken tier holds back the next, and lets it through once it is mended."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cluster.live import Live, eventually
from tests.cluster.tiers_under_test import (
    FIRST,
    NAME,
    SECOND,
    config_map,
    deployment_without_an_image,
    tiers,
)

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(900)]


def test_a_broken_tier_holds_back_the_next_until_it_is_mended(live: Live, tmp_path: Path) -> None:
    with tiers(live, tmp_path, deployment_without_an_image()) as under_test:

        def waits_for_the_first() -> bool:
            # applied and not working: now only its health can hold anything back
            first = under_test.status(FIRST)
            operation = under_test.status(NAME).get("operationState", {})
            return (
                first.get("sync", {}).get("status") == "Synced"
                and first.get("health", {}).get("status") == "Progressing"
                and f"ApplicationSet/{FIRST}" in operation.get("message", "")
            )

        eventually(waits_for_the_first)
        assert not under_test.exists("applicationset", SECOND)
        assert not under_test.exists("application", SECOND)

        under_test.push(config_map(FIRST))

        eventually(lambda: under_test.is_settled(SECOND))
        eventually(lambda: under_test.is_settled(NAME))
        assert under_test.is_settled(FIRST)


def test_the_platforms_own_tiers_came_up_one_after_the_other(live: Live) -> None:
    found = {
        item["metadata"]["name"]: item["metadata"]["creationTimestamp"]
        for item in live.items("applicationset", "--namespace=argocd")
    }
    order = [name for name in ("crds", "platform", "observability", "models") if name in found]
    assert order == sorted(order, key=found.__getitem__)
    assert len(order) == 4
