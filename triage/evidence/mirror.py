"""A copy of a forge's repository that lies elsewhere, brought up to date before it is read."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path

from homeostat.redaction import redact

#: reading one report's evidence is one look at the forge
_FRESH_SECONDS = 10.0


class Mirror:
    """``folder`` as a mirror of the repository at ``url``; one process owns it."""

    def __init__(self, url: str, folder: Path, timeout_seconds: float) -> None:
        self._url = url
        self._folder = folder
        self._timeout_seconds = timeout_seconds
        self._tried_at: float | None = None
        self._problem = ""

    def refresh(self) -> str:
        """Fetch what is new, unless that was just tried; the answer is why it failed, or the empty string."""
        now = time.monotonic()
        if self._tried_at is None or now - self._tried_at > _FRESH_SECONDS:
            self._problem = self._fetched() if self._folder.is_dir() else self._cloned()
            self._tried_at = time.monotonic()
        return self._problem

    def _cloned(self) -> str:
        # a clone that is cut off must not pass for a mirror
        unfinished = self._folder.with_name(f"{self._folder.name}.unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.parent.mkdir(parents=True, exist_ok=True)
        problem = self._run("clone", "--quiet", "--mirror", self._url, str(unfinished))
        if not problem:
            unfinished.rename(self._folder)
        return problem

    def _fetched(self) -> str:
        folder = f"--git-dir={self._folder}"
        # the address may have been changed since it was cloned
        return self._run(folder, "fetch", "--quiet", "--prune", self._url, "+refs/*:refs/*")

    def _run(self, *arguments: str) -> str:
        environment = {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_TERMINAL_PROMPT": "0",
            # an address can name a program to run; only these two fetch over the network
            "GIT_ALLOW_PROTOCOL": "http:https",
            "LC_ALL": "C",
        }
        command = ["git", "-c", "safe.directory=*", *arguments]
        try:
            subprocess.run(
                command, env=environment, capture_output=True, timeout=self._timeout_seconds, check=True
            )
        except subprocess.TimeoutExpired:
            return f"the forge did not answer within {self._timeout_seconds:g} s"
        except subprocess.CalledProcessError as error:
            said = str(error.stderr.decode(errors="replace")).strip().split("\n")[-1]
            return f"the forge can't be fetched: {redact(said) or error.returncode}"
        except OSError as error:
            return f"git can't be run: {error}"
        return ""
