"""A scratch clone that holds the real workflow files and light Make targets, and act to run them in it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from homeostat.errors import MachineError
from infra.programs.obtain import standard_programs

ROOT = Path(__file__).parents[3]

#: each target leaves a line in TRACE, and fails when TRACE.fail-<target> exists; what a job needs of the one
#: before it must have travelled there as a file
MAKEFILE = """\
RECORD = @echo "$@ $(REQUIRE_ALL)" >> "$(TRACE)"; test ! -e "$(TRACE).fail-$@"

setup:
\t@mkdir -p .venv/bin && printf '#!/bin/sh\\necho "$$1-$$2 $$3" >> "$(TRACE)"\\n' > .venv/bin/homeostat
\t@chmod +x .venv/bin/homeostat
\t$(RECORD)

check test:
\t$(RECORD)

ct:
\t@mkdir -p "$(RESULTS)" && echo judged > "$(RESULTS)/judged"
\t$(RECORD)

package:
\t@test -e "$(RESULTS)/judged" && touch "$(RESULTS)/packaged"
\t@mkdir -p "$$HOMEOSTAT_STATE" && touch "$$HOMEOSTAT_STATE/bento"
\t$(RECORD)

image:
\t@test -e "$(RESULTS)/packaged"
\t$(RECORD)

handoff:
\t@test "$$GIT_CONFIG_COUNT" = 1 && test -n "$$GIT_CONFIG_VALUE_0" # may push
\t@test -e "$(RESULTS)/judged" && test -e "$(RESULTS)/packaged" && test -e "$$HOMEOSTAT_STATE/bento"
\t$(RECORD)
"""

#: what stands in for actions that live elsewhere; artifacts are really handed from job to job
ARTIFACT_INPUTS = (
    "inputs: {name: {required: true}, path: {required: true}, retention-days: {}, include-hidden-files: {}}\n"
)
COPY = (
    "runs: {using: composite, steps: [{shell: bash, run: '%s', "
    "env: {NAME: '${{ inputs.name }}', AT: '${{ inputs.path }}'}}]}\n"
)
STAND_INS = {
    "actions/upload-artifact": ARTIFACT_INPUTS
    + COPY % 'mkdir -p "$ARTIFACTS/$NAME" && cp -r "$AT/." "$ARTIFACTS/$NAME"',
    "actions/download-artifact": ARTIFACT_INPUTS
    + COPY % 'mkdir -p "$AT" && cp -r "$ARTIFACTS/$NAME/." "$AT"',
}
NOTHING = "runs: {using: composite, steps: [{shell: bash, run: 'true'}]}\n"


@pytest.fixture(scope="session")
def program(tmp_path_factory):
    """Obtains a third-party program; skips where neither the program nor a Go toolchain is there."""
    # one folder, and so one lock, for all workers: a program is built once
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    programs = standard_programs(ROOT, shared / "programs")

    def obtain(name: str) -> Path:
        try:
            return programs.get(name, lambda _line: None).path
        except MachineError as error:
            if shutil.which("go"):
                raise
            pytest.skip(f"{name} is not on PATH and Go is not there to build it: {error}")

    return obtain


Done = subprocess.CompletedProcess[str]


@dataclass(frozen=True)
class Scratch:
    folder: Path
    act: Path

    @property
    def clone(self) -> Path:
        return self.folder / "clone"

    @property
    def trace(self) -> list[str]:
        path = self.folder / "trace"
        return path.read_text().split("\n")[:-1] if path.exists() else []

    @property
    def targets(self) -> set[str]:
        """The Make targets that ran, apart from the setup that every job begins with."""
        return {line.split()[0] for line in self.trace} - {"setup"}

    def let_fail(self, target: str) -> None:
        (self.folder / f"trace.fail-{target}").touch()

    def run(self, event: str = "push", *arguments: str, mlflow: str = "http://mlflow.invalid") -> Done:
        return subprocess.run(
            [
                *(str(self.act), event, "-P", "ubuntu-latest=-self-hosted"),
                # the one that people start; the cluster's needs containers
                *("-W", ".github/workflows/ci.yml"),
                *(
                    "--env",
                    f"TRACE={self.folder / 'trace'}",
                    "--env",
                    f"ARTIFACTS={self.folder / 'artifacts'}",
                ),
                *("--var", f"MLFLOW_TRACKING_URI={mlflow}"),
                *self._stand_ins(),
                *arguments,
            ],
            cwd=self.clone,
            env=os.environ
            | {"HOME": str(self.folder / "home"), "XDG_CACHE_HOME": str(self.folder / "cache")},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def _stand_ins(self) -> Sequence[str]:
        arguments: list[str] = []
        for action, reference in sorted(remote_actions()):
            owner, name, *inside = action.split("/")
            folder = self.folder / "stand-ins" / owner / name
            path = folder.joinpath(*inside) / "action.yml"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(STAND_INS.get(action, NOTHING))
            arguments += ["--local-repository", f"{owner}/{name}@{reference}={folder}"]
        return arguments


def remote_actions() -> set[tuple[str, str]]:
    """Every action of another repository that the workflows use, with its pinned reference."""
    used: set[tuple[str, str]] = set()
    for path in (ROOT / ".github").rglob("*.yml"):
        used |= set(re.findall(r"uses: ([\w-]+/[\w./-]+)@(\S+)", path.read_text()))
    return used


@pytest.fixture
def scratch(tmp_path, program):
    scratch = Scratch(tmp_path, program("act"))
    shutil.copytree(ROOT / ".github", scratch.clone / ".github")
    (scratch.clone / "Makefile").write_text(MAKEFILE)
    for command in (
        ("init", "--quiet", "--initial-branch=main"),
        ("add", "--all"),
        ("commit", "--quiet", "--message=Begin"),
    ):
        git(scratch.clone, *command)
    return scratch


def git(clone: Path, *words: str) -> str:
    identity = ["-c", "user.name=test", "-c", "user.email=test@invalid", "-c", "commit.gpgsign=false"]
    done = subprocess.run(
        ["git", *identity, *words], cwd=clone, capture_output=True, text=True, check=True, timeout=60
    )
    return done.stdout
