"""The files of a pushed commit, apart from everything else, with the releases that are deployed now."""

from __future__ import annotations

import shutil
from pathlib import Path

from delivery.forge import tip
from delivery.git import Git
from homeostat.release import RELEASES


def check_out(forge: Path, commit: str, folder: Path) -> Git:
    """Make ``folder`` a clone of the forge at ``commit``; one that a crash left half-made is made anew.

    While a run waits its turn, an earlier one may hand off a release. Gates must compare with what is
    deployed, so the releases come from the tip of ``main``; that is the only difference from ``commit``.
    """
    git = Git(folder)
    if not (folder / ".git").exists() or git.commit_of("HEAD") != commit:
        part = folder.with_name(folder.name + ".part")
        for old in (part, folder):
            shutil.rmtree(old, ignore_errors=True)
        part.mkdir(parents=True)
        making = Git(part)
        making("clone", "--quiet", "--shared", "--no-checkout", "--template=", str(forge), ".")
        making("checkout", "--quiet", "--detach", commit)
        part.rename(folder)
    _take_deployed_releases(git, tip(Git(forge)) or commit)
    return git


def _take_deployed_releases(git: Git, deployed: str) -> None:
    git("fetch", "--quiet", "--update-shallow", "origin", deployed)
    held = {revision: git("ls-tree", revision, f"{RELEASES}/") for revision in ("HEAD", deployed)}
    if any(held.values()):
        git("restore", f"--source={deployed}", "--worktree", "--", str(RELEASES))
