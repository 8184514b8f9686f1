"""What the cluster was told to run was built: the rule that git at rest does not pass."""

from __future__ import annotations

import pytest

from tests.cluster.live import Live
from tests.contract.judging import DEPLOYABLE, conftest

pytestmark = [pytest.mark.cluster, pytest.mark.go]

KINDS = ("deployments", "statefulsets", "daemonsets", "cronjobs", "inferenceservices.serving.kserve.io")


@pytest.mark.parametrize("kind", KINDS)
def test_no_image_is_one_that_was_never_built(live: Live, kind: str) -> None:
    found = live.items(kind, "--all-namespaces")
    sentences = [
        finding.message for one in found for finding in conftest(one, "homeostat.deployable", DEPLOYABLE)
    ]
    assert sentences == []
