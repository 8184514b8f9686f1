"""Reading a bare repository through the ``git`` program: no hooks, no prompts, bounded in time."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from homeostat.errors import HomeostatError
from triage.evidence.mirror import Mirror


class GitUnavailable(HomeostatError):  # noqa: N818
    """The repository can't be read; the sentence says why."""


class GitTimeout(GitUnavailable):
    """Git did not finish in time."""


class Git:
    """One repository, read only."""

    def __init__(self, repository: Path, timeout_seconds: float = 10.0, mirror: Mirror | None = None) -> None:
        self._repository = repository
        self._timeout_seconds = timeout_seconds
        self._mirror = mirror

    @property
    def repository(self) -> Path:
        """Where it lies."""
        return self._repository

    def staleness(self) -> str:
        """Why what is read may not be the newest, or the empty string."""
        return self._mirror.refresh() if self._mirror else ""

    def read(self, *arguments: str) -> str:
        """The output of ``git`` with these arguments.

        Raises:
            GitUnavailable: when there is no such repository, or git fails or takes too long.
        """
        stale = self.staleness()
        if not self._repository.is_dir():
            raise GitUnavailable(stale or f"there is no repository {self._repository.name}.")
        environment = {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_OPTIONAL_LOCKS": "0",
            "LC_ALL": "C",
        }
        # triage may run as another user than the forge's owner; reading a bare repository runs no hook
        command = ["git", "-c", "safe.directory=*", f"--git-dir={self._repository}", *arguments]
        try:
            done = subprocess.run(
                command, env=environment, capture_output=True, timeout=self._timeout_seconds, check=True
            )
        except subprocess.TimeoutExpired:
            raise GitTimeout(f"git {arguments[0]} took longer than {self._timeout_seconds:g} s.") from None
        except subprocess.CalledProcessError as error:
            said = str(error.stderr.decode(errors="replace")).strip().split("\n")[-1]
            raise GitUnavailable(f"git {arguments[0]} failed: {said or error.returncode}.") from None
        except OSError as error:
            raise GitUnavailable(f"git can't be run: {error}.") from None
        return done.stdout.decode(errors="replace")
