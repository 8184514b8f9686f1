"""The running local cluster as tests see it: kubectl, git and HTTP, nothing else."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import httpx

from demo.scratch import Scratch, clone
from tests.programs import find

ROOT = Path(__file__).parents[2]
MODEL = "phishing_detector"
NAME = "phishing-detector"
PATIENCE_SECONDS = 300.0

T = TypeVar("T")


def eventually(look: Callable[[], T], seconds: float = PATIENCE_SECONDS) -> T:
    """What ``look`` returns once that is true."""
    deadline = time.monotonic() + seconds
    while not (seen := look()):
        assert time.monotonic() < deadline, f"{look.__qualname__} did not come true; last seen: {seen!r}"
        time.sleep(0.5)
    return seen


@dataclass(frozen=True, slots=True)
class Live:
    """One running cluster and the forge that it follows."""

    state: Path
    kubectl_program: Path

    @property
    def forge(self) -> Path:
        return self.state / "forge" / "homeostat.git"

    def run(self, *arguments: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
        """kubectl, for a test that may expect a refusal."""
        argv = [self.kubectl_program, f"--kubeconfig={self.state / 'kubeconfig'}", *arguments]
        return subprocess.run(
            argv, input=stdin, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False
        )

    def kubectl(self, *arguments: str, stdin: str | None = None) -> str:
        ran = self.run(*arguments, stdin=stdin)
        assert ran.returncode == 0, f"kubectl {' '.join(arguments)}: {ran.stderr.strip()}"
        return ran.stdout

    def get(self, *arguments: str) -> dict[str, Any]:
        return json.loads(self.kubectl("get", *arguments, "-o", "json"))

    def items(self, *arguments: str) -> list[dict[str, Any]]:
        return self.get(*arguments)["items"]

    def url(self, service: str, namespace: str) -> str:
        """Where a Service answers from this host."""
        spec = self.get("service", service, "-n", namespace)["spec"]
        return f"http://{spec['clusterIP']}:{spec['ports'][0]['port']}"

    def ask(self, service: str, namespace: str, path: str, **query: str) -> Any:
        """The JSON that a Service answers with."""
        address = self.url(service, namespace) + path
        return httpx.get(address, params=query, trust_env=False, timeout=30).raise_for_status().json()

    def settled(self) -> bool:
        """Whether every Application is Synced and Healthy."""
        applications = self.items("applications", "-n", "argocd")
        return bool(applications) and all(
            (status := application.get("status", {})).get("sync", {}).get("status") == "Synced"
            and status.get("health", {}).get("status") == "Healthy"
            for application in applications
        )

    @contextmanager
    def applied(self, document: dict[str, Any]) -> Iterator[None]:
        """An object that is there only for a test."""
        text = json.dumps(document)
        self.kubectl("apply", "-f", "-", stdin=text)
        try:
            yield
        finally:
            self.kubectl("delete", "--wait=true", "--ignore-not-found", "-f", "-", stdin=text)


def homeostat(state: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command line as a person would use it."""
    return subprocess.run(
        [sys.executable, "-m", "homeostat", *arguments],
        cwd=ROOT,
        env={**os.environ, "HOMEOSTAT_ROOT": str(ROOT), "HOMEOSTAT_STATE": str(state.parent)},
        capture_output=True,
        text=True,
        check=False,
    )


def bring_up() -> Live:
    """The local cluster of this clone, started where it is not."""
    state = Path(os.environ.get("HOMEOSTAT_STATE") or ROOT / ".homeostat").resolve() / "cluster"
    ran = homeostat(state, "cluster", "up", "--provider", "local")
    assert ran.returncode == 0, f"{ran.stdout[-4000:]}\n{ran.stderr[-2000:]}"
    return Live(state, find("go", "kubectl"))


def working_clone(live: Live, folder: Path) -> Scratch:
    """A clone with the committed state of this repository on top of what the forge deploys."""
    scratch = clone(ROOT, folder, live.forge)
    scratch.pull()
    return scratch


def push(scratch: Scratch) -> str:
    """Push, take what was handed off, and return what the pusher saw."""
    said: list[str] = []
    assert scratch.push(said.append) == 0, "\n".join(said)
    scratch.pull()
    return "\n".join(said)
