"""Git, as a program that behaves the same whoever runs it.

The user's and the machine's git configuration (signing, hooks, templates, identities) and the variables that
a hook inherits (``GIT_DIR`` and its kin) must not reach what the platform does to its own repositories.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from delivery.errors import GitError

BRANCH = "main"
#: the value of a ref that does not exist yet
ZEROS = "0" * 40

#: how a caller may still hand credentials or transport settings to git
_KEPT = ("GIT_CONFIG_COUNT", "GIT_CONFIG_KEY_", "GIT_CONFIG_VALUE_", "GIT_SSH", "GIT_ASKPASS", "GIT_SSL_")
_NEUTRAL = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C.UTF-8",
}
_OVERRIDES = ("-c", "commit.gpgsign=false", "-c", f"core.hooksPath={os.devnull}", "-c", "gc.auto=0", "-c",
              "safe.directory=*", "-c", "protocol.file.allow=always")  # fmt: skip


def neutral_environment(inherited: Mapping[str, str]) -> dict[str, str]:
    """``inherited`` without what would make git act for somebody else or somewhere else."""
    kept = {name: value for name, value in inherited.items() if not _belongs_to_a_caller(name)}
    return kept | _NEUTRAL


def _belongs_to_a_caller(name: str) -> bool:
    return name.startswith("GIT_") and not name.startswith(_KEPT)


@dataclass(frozen=True, slots=True)
class Git:
    """Git at work in one folder."""

    folder: Path
    extra_environment: Mapping[str, str] = field(default_factory=dict[str, str])

    def __call__(self, *arguments: str) -> str:
        """Run ``git arguments`` and return its output without the last newline.

        Raises:
            GitError: when git exits with anything but 0.
        """
        done = self.attempt(*arguments)
        if done.returncode:
            lines = [line for line in done.stderr.strip().splitlines() if not line.startswith("hint:")]
            said = lines[-1] if lines else f"exit code {done.returncode}"
            raise GitError(f"git {arguments[0]} failed in {self.folder}: {said}")
        return done.stdout.rstrip("\n")

    def attempt(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run ``git arguments`` and let the caller judge how it ended."""
        return subprocess.run(
            ["git", *_OVERRIDES, "-C", str(self.folder), *arguments],
            env=neutral_environment(os.environ) | dict(self.extra_environment),
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            stdin=subprocess.DEVNULL,
        )

    def asks(self, *arguments: str) -> bool:
        """Whether ``git arguments`` exits with 0: for commands that answer a question."""
        return self.attempt(*arguments).returncode == 0

    def commit_of(self, revision: str) -> str | None:
        """The full name of the commit that ``revision`` means, or None when there is none."""
        done = self.attempt("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
        return done.stdout.strip() if done.returncode == 0 else None

    def paths_changed(self, base: str, commit: str) -> tuple[str, ...]:
        """Every path that differs between two commits, old and new names of a move both."""
        listed = self("diff", "--name-only", "--no-renames", "-z", base, commit)
        return tuple(path for path in listed.split("\0") if path)

    def is_ancestor(self, older: str, newer: str) -> bool:
        """Whether ``newer`` contains ``older``."""
        return self.asks("merge-base", "--is-ancestor", older, newer)
