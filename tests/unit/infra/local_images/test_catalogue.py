"""The table of images agrees with the repository: recipes, sources, locks and pinned programs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from infra.local.images.catalogue import BASE, MODEL_RECIPE, OWN, THIRD_PARTY, tag, third_party_tags
from infra.programs.catalogue import CATALOGUE

ROOT = Path(__file__).parents[4]
EVERY = pytest.mark.parametrize("image", [*OWN, *THIRD_PARTY], ids=lambda image: image.name)
CONTAINERFILES = sorted(
    [*ROOT.glob("images/*/Containerfile"), *ROOT.glob("infra/local/images/recipes/*/Containerfile")]
)
FILES = pytest.mark.parametrize("path", CONTAINERFILES, ids=lambda path: path.parent.name)


def instructions(path: Path) -> list[str]:
    joined = path.read_text().replace("\\\n", " ")
    return [line for line in joined.splitlines() if line and not line.startswith("#")]


@EVERY
def test_an_image_has_its_recipe_its_sources_and_its_programs(image):
    assert (ROOT / image.recipe / "Containerfile").is_file()
    assert all((ROOT / source).exists() for source in image.sources)
    assert all(CATALOGUE[name].go for name in image.programs)


@EVERY
def test_our_own_images_have_no_tag_and_the_others_an_exact_one(image):
    found = tag(image, ROOT)
    assert found is None if image.is_own else re.fullmatch(r"v?\d+\.\d+(\.\d+)?", found or "")


def test_every_containerfile_is_in_the_table():
    known = {image.recipe for image in (*OWN, *THIRD_PARTY)} | {MODEL_RECIPE}
    found = {path.parent.relative_to(ROOT) for path in CONTAINERFILES}
    assert found - known == {Path("infra/local/images/recipes/base")}


def test_the_base_is_an_image_of_another_project_by_its_version():
    name, _, version = BASE.partition(":")
    assert third_party_tags(ROOT)[name] == version


@FILES
def test_the_last_user_is_a_number_other_than_roots(path):
    if path.parent.name == "base":
        pytest.skip("what is built on it names its user")
    users = [line.split()[1] for line in instructions(path) if line.startswith("USER ")]
    assert users
    assert users[-1].partition(":")[0].isdigit()
    assert users[-1].partition(":")[0] != "0"


@FILES
def test_nothing_is_built_on_but_the_base_or_nothing(path):
    stages = {
        line.split(" AS ")[1] for line in instructions(path) if line.startswith("FROM") and " AS " in line
    }
    bases = {line.split()[1] for line in instructions(path) if line.startswith("FROM ")}
    assert bases <= {"scratch", BASE, "${BASE}", *stages}


@FILES
def test_packages_are_installed_by_hash_and_secrets_are_mounted_and_not_copied(path):
    for line in instructions(path):
        if "pip" in line and " install " in line and line.startswith("RUN"):
            assert "--require-hashes" in line
            assert "--mount=type=secret,id=pip,target=/etc/pip.conf" in line
        if "apt-get" in line:
            assert "--mount=type=secret,id=apt-sources,target=/etc/apt/sources.list" in line
            assert "--no-install-recommends" in line
        assert not line.startswith(("ARG PIP", "ENV PIP", "ARG HTTP", "ENV HTTP"))


def own_recipe(path: Path) -> bool:
    return path.parent.parent.name == "images" and path.parent.parent.parent == ROOT


def test_our_images_share_the_lines_that_make_them_safe():
    """One text in all of them, so that their layers are shared and a repair reaches each."""
    texts = [path.read_text() for path in CONTAINERFILES if own_recipe(path)]
    user = {re.search(r"^RUN echo .*?python-wheels$", text, re.MULTILINE | re.DOTALL)[0] for text in texts}  # type: ignore[index]
    packages = {re.search(r"^RUN --mount.*?/lib$", text, re.MULTILINE | re.DOTALL)[0] for text in texts}  # type: ignore[index]
    assert (len(user), len(packages)) == (1, 1)
    assert all("\nUSER 10001:10001\n" in text for text in texts)
