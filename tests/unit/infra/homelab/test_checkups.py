from __future__ import annotations

from pathlib import Path

import pytest

from homeostat.doctor import Level
from homeostat.errors import ConfigError
from infra.definition.document import Git
from infra.homelab.checkups import agreement, checkups

ROOT = Path(__file__).parents[4]
URL = "https://github.com/example/homeostat.git"


def test_the_file_and_the_root_application_that_agree_are_fine():
    assert agreement(ROOT, Git(repository=URL)).level is Level.OK


@pytest.mark.parametrize(
    "git", [Git(repository="https://git.home.arpa/mine.git"), Git(repository=URL, revision="next")]
)
def test_another_repository_or_branch_is_told_with_both(git: Git):
    found = agreement(ROOT, git)
    assert found.level is Level.FAILED
    assert f"{git.repository} at {git.revision}" in found.sentence
    assert f"{URL} at main" in found.sentence


def test_an_environment_without_a_root_application_is_a_mistake():
    with pytest.raises(ConfigError, match="argocd/root/nowhere"):
        agreement(ROOT, Git(repository=URL, environment="nowhere"))


def test_without_a_definition_it_is_skipped(tmp_path: Path):
    assert [one.run().level for one in checkups(tmp_path, tmp_path)] == [Level.SKIPPED]
