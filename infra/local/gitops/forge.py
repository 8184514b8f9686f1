"""The local forge as the cluster sees it: a bare repository whose ``main`` is what Argo CD deploys.

It is made from the checkout's HEAD, once. From then on people push to it by its path, hand-offs commit to it,
and the provider commits only the digests of the images that it made.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from infra.cluster.step import Say
from infra.local.gitops.errors import ForgeError
from infra.local.gitops.git import Git

BRANCH = "main"
_MAIN = f"refs/heads/{BRANCH}"
_AUTHOR = {
    "GIT_AUTHOR_NAME": "Homeostat",
    "GIT_AUTHOR_EMAIL": "homeostat@localhost",
    "GIT_COMMITTER_NAME": "Homeostat",
    "GIT_COMMITTER_EMAIL": "homeostat@localhost",
}


def ensure_forge(forge: Path, checkout: Path, say: Say) -> Sequence[str]:
    """Make the forge with the checkout's HEAD as its ``main``; a forge that has one stays as it is.

    Raises:
        ForgeError: when the checkout has no commit, or git fails.
    """
    head = Git(checkout).commit_of("HEAD")
    if head is None:
        raise ForgeError(f"{checkout} has no commit: commit what the cluster shall follow.")
    if not (forge / "HEAD").exists():
        forge.mkdir(parents=True, exist_ok=True)
        Git(forge)("init", "--quiet", "--bare", "--template=", f"--initial-branch={BRANCH}")
    deployed = Git(forge).commit_of(_MAIN)
    if deployed is None:
        Git(forge)("fetch", "--quiet", "--update-shallow", str(checkout), f"{head}:{_MAIN}")
        return [f"{BRANCH} at {head[:12]}"]
    if not _contains(Git(forge), head):
        say(f"the cluster follows {deployed[:12]}; to deploy {head[:12]}: git push {forge} HEAD:{BRANCH}")
    return []


def commit_files(forge: Path, files: Mapping[str, str], message: str) -> str | None:
    """Commit ``files`` (text by path) on top of ``main``; return the commit, or None when nothing differs.

    Raises:
        ForgeError: when ``main`` moved meanwhile, or git fails.
    """
    git = Git(forge)
    parent = git.commit_of(_MAIN)
    if parent is None:
        raise ForgeError(f"{forge} has no branch {BRANCH} to commit to.")
    with tempfile.TemporaryDirectory(prefix="homeostat-index-") as scratch:
        staged = Git(forge, _AUTHOR | {"GIT_INDEX_FILE": str(Path(scratch) / "index")})
        staged("read-tree", parent)
        for path, text in files.items():
            blob = staged("hash-object", "-w", "--stdin", given=text.encode())
            staged("update-index", "--add", "--cacheinfo", f"100644,{blob},{path}")
        tree = staged("write-tree")
        if tree == git("rev-parse", f"{parent}^{{tree}}"):
            return None
        commit = staged("commit-tree", tree, "-p", parent, "-m", message)
    git("update-ref", "-m", "platform", _MAIN, commit, parent)
    return commit


def read_file(forge: Path, path: str) -> str:
    """The text of ``path`` at ``main``.

    Raises:
        ForgeError: when there is no such file.
    """
    return Git(forge)("cat-file", "blob", f"{_MAIN}:{path}") + "\n"


def _contains(git: Git, commit: str) -> bool:
    """Whether ``main`` has the commit, as it has when somebody pushed it."""
    if git.commit_of(commit) is None:
        return False
    return git("merge-base", _MAIN, commit) == commit
