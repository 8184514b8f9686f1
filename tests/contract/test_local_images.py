"""The local cluster can have every image that its manifests name: no registry is asked there."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from infra.local.images.catalogue import OWN, third_party_tags
from infra.local.images.reference import model_image
from tests.contract.overlays import ROOT, overlays
from tests.contract.rendering import Object, workshop

pytestmark = pytest.mark.go

OURS = "homeostat/"


def named(value: object) -> Iterator[str]:
    """The images below any part of an object."""
    if isinstance(value, dict):
        if isinstance(image := value.get("image"), str):
            yield image
        for inner in value.values():
            yield from named(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from named(inner)


def local_images() -> dict[str, set[str]]:
    """Who names an image, by the image."""
    images: dict[str, set[str]] = {}
    for overlay in overlays("local"):
        for found in workshop().render(overlay):
            for image in named(found):
                images.setdefault(image, set()).add(f"{found['kind']} {found['metadata']['name']}")
    return images


def is_model(found: Object) -> bool:
    return found["kind"] == "InferenceService"


def test_images_of_other_projects_have_the_version_that_is_made_here():
    tags = third_party_tags(ROOT)
    wrong = {
        image: sorted(owners)
        for image, owners in local_images().items()
        if not image.startswith(OURS) and tags.get(image.rpartition(":")[0]) != image.rpartition(":")[2]
    }
    assert wrong == {}, f"infra/local/images/catalogue.py makes {tags}"


def test_our_own_images_are_named_by_digest_and_are_made_here():
    made = {image.name for image in OWN}
    for overlay in overlays("local"):
        for found in workshop().render(overlay):
            for image in (image for image in named(found) if image.startswith(OURS)):
                name, at, digest = image.partition("@")
                assert at, f"{image} in {overlay} has no digest"
                assert digest.startswith("sha256:")
                models = {model_image(found["metadata"]["name"])} if is_model(found) else set[str]()
                assert name in made | models, f"{image} in {overlay} is made by nothing"


def test_no_image_is_made_that_nothing_runs():
    names = {
        image.partition("@")[0].rpartition(":")[0] or image.partition("@")[0] for image in local_images()
    }
    base = "python"
    assert {*(image.name for image in OWN), *third_party_tags(ROOT)} - {base} <= names
