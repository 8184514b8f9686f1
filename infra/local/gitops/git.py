"""Git at work in one folder, whoever runs it and whatever their configuration says."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from infra.local.gitops.errors import ForgeError

#: the machine's and the user's configuration (hooks, signing, identities) must not reach the forge
_NEUTRAL = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C.UTF-8",
}
_SETTINGS = ("-c", "safe.directory=*", "-c", "gc.auto=0", "-c", f"core.hooksPath={os.devnull}")


def neutral_environment(inherited: Mapping[str, str]) -> dict[str, str]:
    """``inherited`` without the variables by which a hook or a user's shell steers git."""
    kept = {name: value for name, value in inherited.items() if not name.startswith("GIT_")}
    return kept | _NEUTRAL


@dataclass(frozen=True, slots=True)
class Git:
    """Git in ``folder``."""

    folder: Path
    variables: Mapping[str, str] = field(default_factory=dict[str, str])

    def __call__(self, *arguments: str, given: bytes = b"") -> str:
        """Run ``git arguments`` and return its output without the last newline.

        Raises:
            ForgeError: when git exits with anything but 0.
        """
        done = self._run(*arguments, given=given)
        if done.returncode:
            lines = done.stderr.decode(errors="replace").strip().splitlines()
            said = lines[-1] if lines else f"exit code {done.returncode}"
            raise ForgeError(f"git {arguments[0]} failed in {self.folder}: {said}")
        return done.stdout.decode(errors="replace").rstrip("\n")

    def commit_of(self, revision: str) -> str | None:
        """The full name of the commit that ``revision`` means, or None when there is none."""
        done = self._run("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
        return done.stdout.decode().strip() if done.returncode == 0 else None

    def _run(self, *arguments: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            ["git", *_SETTINGS, "-C", str(self.folder), *arguments],
            input=given,
            env=neutral_environment(os.environ) | dict(self.variables),
            capture_output=True,
            check=False,
        )
