"""A commit that touches only releases deploys and starts no pipeline, in GitHub as on the local forge.

act, which runs the other tests here, starts a workflow whatever its path filters say; so GitHub's documented
rule is applied here: a push is ignored when every path matches one of ``paths-ignore``, where ``*`` stops at
a slash and ``**`` doesn't.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.changes import only_releases
from homeostat.yaml_text import read_yaml

WORKFLOW = Path(__file__).parents[3] / ".github" / "workflows" / "ci.yml"

segments = st.sampled_from(
    [
        "manifests",
        "models",
        "phishing_detector",
        "release.yaml",
        "base",
        "image",
        "kustomization.yaml",
        "README.md",
    ]
)
paths = st.lists(segments, min_size=1, max_size=5).map("/".join)
release_paths = st.sampled_from(["a", "b_2"]).map("manifests/models/{}/release.yaml".format)


IGNORED = read_yaml(WORKFLOW)["on"]["push"]["paths-ignore"]


def starts_a_pipeline(changed: list[str]) -> bool:
    patterns = [re.escape(pattern).replace(r"\*\*", ".*").replace(r"\*", "[^/]*") for pattern in IGNORED]
    return not all(any(re.fullmatch(pattern, path) for pattern in patterns) for path in changed)


def test_a_hand_off_starts_nothing():
    assert not starts_a_pipeline(["manifests/models/phishing_detector/release.yaml"])


def test_the_first_hand_off_of_a_model_starts_nothing():
    files = ["release.yaml", "kustomization.yaml", "inference-service.yaml"]
    assert not starts_a_pipeline([f"manifests/models/phishing_detector/{name}" for name in files])


def test_a_new_digest_of_an_own_image_starts_nothing():
    assert not starts_a_pipeline(["manifests/mlflow/image/kustomization.yaml"])


@pytest.mark.parametrize(
    "beside",
    [
        "manifests/inference-service/base/kustomization.yaml",
        "manifests/mlflow/base/kustomization.yaml",
        "manifests/base/release.yaml",
        "manifests/models/release.yaml",
        "manifests/models/a/b/release.yaml",
        "README.md",
    ],
)
def test_any_other_file_beside_it_starts_a_pipeline(beside):
    assert starts_a_pipeline(["manifests/models/phishing_detector/release.yaml", beside])


@given(changed=st.lists(paths | release_paths, min_size=1, max_size=4))
def test_github_and_the_local_forge_agree(changed):
    assert starts_a_pipeline(changed) != only_releases(changed)
