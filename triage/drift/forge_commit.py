"""Retraining on this machine: a commit on ``main`` of the local forge, which its runner works off.

The commit writes ``model-source/<model>/retraining.json``. That file is one of the model's inputs, so the
pipeline trains the model like after any push, with the data as it is now, and its gates judge what comes of
it. The runner finds what stands on the branch by itself; no hook has to run. The request's id is in the
message, so a second attempt finds the first one's commit and makes none.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from triage.drift.retraining import Request, RetrainingFailed

FILE = "retraining.json"
TRAILER = "Retraining-Request"
_BRANCH = "refs/heads/main"
#: somebody may push at the same moment
_ATTEMPTS = 3
_WHO = "Homeostat triage"
_ADDRESS = "triage@homeostat.invalid"
_SETTINGS = (
    "-c", "safe.directory=*", "-c", "core.fsync=committed", "-c", "commit.gpgsign=false", "-c", "gc.auto=0"
)  # fmt: skip


class ForgeCommit:
    """Commits to one bare repository of this machine."""

    def __init__(self, forge: Path, timeout_seconds: float = 10.0) -> None:
        self._forge = forge
        self._timeout_seconds = timeout_seconds

    def ask(self, request: Request, *, in_doubt: bool) -> str:
        """See :class:`triage.drift.retraining.Retraining`."""
        # every attempt looks for the commit of a former one, in doubt or not
        del in_doubt
        if not self._forge.is_dir():
            raise RetrainingFailed(f"there is no forge {self._forge.name} yet.")
        for _ in range(_ATTEMPTS):
            parent = self._git("rev-parse", "--verify", "--quiet", f"{_BRANCH}^{{commit}}")
            if known := self._known(request):
                return f"commit {known[:12]} on main"
            commit = self._commit(request, parent)
            if self._moves(commit, parent):
                return f"commit {commit[:12]} on main"
        raise RetrainingFailed(f"main of {self._forge.name} moved {_ATTEMPTS} times meanwhile.")

    def _known(self, request: Request) -> str:
        grep = ("--fixed-strings", f"--grep={TRAILER}: {request.id}")
        return self._git("log", "-1", "--format=%H", *grep, _BRANCH)

    def _commit(self, request: Request, parent: str) -> str:
        folder = f"model-source/{request.model}"
        if not self._git("ls-tree", "--name-only", parent, f"{folder}/model.yaml"):
            raise RetrainingFailed(
                f"main holds no {folder}/model.yaml, so nothing trains it.", permanent=True
            )
        blob = self._git("hash-object", "-w", "--stdin", content=_content(request))
        with tempfile.TemporaryDirectory() as place:
            index = {"GIT_INDEX_FILE": str(Path(place) / "index")}
            self._git("read-tree", parent, variables=index)
            entry = f"100644,{blob},{folder}/{FILE}"
            self._git("update-index", "--add", "--cacheinfo", entry, variables=index)
            tree = self._git("write-tree", variables=index)
        return self._git("commit-tree", tree, "-p", parent, "-F", "-", content=_message(request))

    def _moves(self, commit: str, parent: str) -> bool:
        """Whether main is the commit now; false when it is no longer the parent."""
        try:
            self._git("update-ref", "-m", "retraining", _BRANCH, commit, parent)
        except RetrainingFailed:
            if self._git("rev-parse", "--verify", "--quiet", _BRANCH) == parent:
                raise
            return False
        return True

    def _git(self, *arguments: str, content: str = "", variables: Mapping[str, str] | None = None) -> str:
        environment = {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_TERMINAL_PROMPT": "0",
            "LC_ALL": "C",
            **{f"GIT_{role}_NAME": _WHO for role in ("AUTHOR", "COMMITTER")},
            **{f"GIT_{role}_EMAIL": _ADDRESS for role in ("AUTHOR", "COMMITTER")},
            **(variables or {}),
        }
        command = ["git", *_SETTINGS, f"--git-dir={self._forge}", *arguments]
        try:
            done = subprocess.run(
                command,
                env=environment,
                input=content.encode(),
                capture_output=True,
                timeout=self._timeout_seconds,
                check=True,
            )
        except subprocess.TimeoutExpired:
            raise RetrainingFailed(
                f"git {arguments[0]} took longer than {self._timeout_seconds:g} s."
            ) from None
        except subprocess.CalledProcessError as error:
            said = str(error.stderr.decode(errors="replace")).strip().split("\n")[-1]
            raise RetrainingFailed(f"git {arguments[0]} failed: {said or error.returncode}.") from None
        except OSError as error:
            raise RetrainingFailed(f"git can't be run: {error}.") from None
        return done.stdout.decode(errors="replace").strip()


def _content(request: Request) -> str:
    told = {
        "model": request.model,
        "request": request.id,
        "why": f"drift {request.urgency} of version {request.version}",
        "decided_at": request.decided_at.isoformat(timespec="seconds"),
    }
    return json.dumps(told, indent=2, sort_keys=True) + "\n"


def _message(request: Request) -> str:
    return (
        f"Train {request.model} again\n\n"
        f"Its statistics show drift {request.urgency} of version {request.version}.\n\n"
        f"{TRAILER}: {request.id}\n"
    )
