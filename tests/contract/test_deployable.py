"""At rest the repository was never built, and that is told where something is about to run."""

from __future__ import annotations

import pytest

from tests.contract.judging import DEPLOYABLE, conftest, never_built
from tests.contract.overlays import EXAMPLE_MODEL, Overlay, every_overlay
from tests.contract.rendering import workshop

pytestmark = pytest.mark.go

ZEROS = f"sha256:{'0' * 64}"


@pytest.mark.parametrize(
    "overlay", [overlay for overlay in every_overlay() if overlay.path.name == EXAMPLE_MODEL], ids=str
)
def test_a_model_that_was_never_built_is_refused(overlay: Overlay) -> None:
    (sentence,) = never_built(overlay, workshop())
    assert "InferenceService example-model: spec.predictor.containers.0.image" in sentence
    assert "build it" in sentence


def test_one_that_was_built_is_not() -> None:
    built = {
        "kind": "Pod",
        "metadata": {"name": "p"},
        "spec": {"containers": [{"image": f"homeostat/triage@sha256:{'1' * 64}"}]},
    }
    assert conftest(built, "homeostat.deployable", DEPLOYABLE) == []


def test_the_digest_of_zeros_is_refused_wherever_an_image_stands() -> None:
    waiting = {
        "kind": "CronJob",
        "metadata": {"name": "c"},
        "spec": {"deep": [{"image": f"homeostat/x@{ZEROS}"}]},
    }
    assert len(conftest(waiting, "homeostat.deployable", DEPLOYABLE)) == 1
