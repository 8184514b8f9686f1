"""A scratch clone with an identity of its own, so that the demo never touches the user's git.

The clone is made from the committed state of the repository; what the user has not committed stays theirs.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from homeostat.errors import HomeostatError, MachineError

AUTHOR = "Demo Data Scientist"
EMAIL = "demo@users.noreply.invalid"


class GitFailed(HomeostatError):  # noqa: N818 - it tells what happened, as the story does
    """Git refused; its own words say why."""


@dataclass(frozen=True, slots=True)
class Scratch:
    """A clone in ``folder`` whose remote ``forge`` is the local forge."""

    folder: Path

    def commit(self, message: str) -> str:
        """Commit everything that changed and return the commit's id."""
        _git(self.folder, "commit", "--all", "--quiet", "--message", message)
        return _git(self.folder, "rev-parse", "HEAD").strip()

    def apply(self, patch: Path) -> None:
        """Change the files as ``patch`` says."""
        _git(self.folder, "apply", str(patch))

    def pull(self) -> None:
        """Take the hand-off commits of the forge."""
        _git(self.folder, "pull", "--quiet", "--rebase", "forge", "main")

    def push(self, on_line: Callable[[str], None]) -> int:
        """Push to the forge's main, handing every line that the pusher would see to ``on_line``."""
        argv = ["git", "push", "forge", "HEAD:refs/heads/main"]
        with subprocess.Popen(
            argv,
            cwd=self.folder,
            env=_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        ) as push:
            for line in push.stdout or ():
                on_line(line.rstrip())
        return push.returncode


def uncommitted(root: Path) -> int:
    """How many paths of the user's clone are not committed; the demo plays the commit, not these."""
    return len(_git(root, "status", "--porcelain").splitlines())


def clone(root: Path, folder: Path, forge: Path) -> Scratch:
    """Clone the committed state of ``root`` (also a shallow one) into ``folder``.

    Raises:
        MachineError: when ``root`` is not a git clone with at least one commit.
    """
    try:
        commit = _git(root, "rev-parse", "--verify", "HEAD").strip()
    except GitFailed:
        raise MachineError(
            f"{root} is not a git clone with a commit: get the platform with 'git clone', not as an archive."
        ) from None
    _git(root, "clone", "--quiet", "--no-local", "--no-checkout", root.as_uri(), str(folder))
    _git(folder, "checkout", "--quiet", "-B", "main", commit)
    _git(folder, "remote", "add", "forge", str(forge))
    return Scratch(folder)


def _git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", *arguments], cwd=folder, env=_environment(), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise GitFailed(
            f"git {arguments[0]} failed in {folder}: {done.stderr.strip() or done.stdout.strip()}"
        )
    return done.stdout


def _environment() -> Mapping[str, str]:
    """The user's environment with the demo's identity and none of the user's git configuration or hooks."""
    foreign = {name for name in os.environ if name.startswith("GIT_")}
    kept = {name: value for name, value in os.environ.items() if name not in foreign}
    return kept | {
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_AUTHOR_NAME": AUTHOR,
        "GIT_AUTHOR_EMAIL": EMAIL,
        "GIT_COMMITTER_NAME": AUTHOR,
        "GIT_COMMITTER_EMAIL": EMAIL,
    }
