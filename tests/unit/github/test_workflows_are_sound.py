"""What linters know of workflows, and what this project asks of its own."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from homeostat.yaml_text import read_yaml

ROOT = Path(__file__).parents[3]
BIN = Path(sys.executable).parent
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
#: what a job may beyond reading the repository
ALLOWED = {
    "ci/handoff": {"contents": "write"},
    "ct/handoff": {"contents": "write"},
    "handoff/handoff": {"contents": "write"},
    # it reads the logs of the run that failed, and tells of it on its commit, pull request or in an issue
    "pipeline-triage/explain": {
        "actions": "read",
        "contents": "write",
        "issues": "write",
        "pull-requests": "write",
    },
}
FILES = [*WORKFLOWS, *sorted((ROOT / ".github" / "actions").glob("*/action.yml"))]


def run(*command: str | Path) -> str:
    done = subprocess.run(
        [str(word) for word in command], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    return done.stdout + done.stderr if done.returncode else ""


def jobs(path: Path) -> dict[str, dict]:
    return read_yaml(path)["jobs"]


def run_lines(path: Path) -> str:
    content = read_yaml(path)
    holders = content["jobs"].values() if "jobs" in content else [content["runs"]]
    return "\n".join(step.get("run", "") for holder in holders for step in holder.get("steps", ()))


@pytest.mark.go
def test_actionlint_finds_nothing(program):
    assert run(program("actionlint"), "-shellcheck", BIN / "shellcheck", *WORKFLOWS) == ""


def test_zizmor_finds_nothing():
    assert run(BIN / "zizmor", "--offline", "--no-progress", "--quiet", ".github") == ""


def test_yamllint_finds_nothing():
    assert run(BIN / "yamllint", "--strict", ".github") == ""


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_foreign_action_is_pinned_by_commit_and_says_its_version(path):
    for line in path.read_text().splitlines():
        if (used := line.partition("uses: ")[2]) and not used.startswith("./"):
            assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", used), used


def test_an_action_is_pinned_to_one_commit_everywhere():
    used = {
        tuple(found) for path in FILES for found in re.findall(r"uses: ([\w./-]+)@(\S+)", path.read_text())
    }
    assert len({action for action, _ in used}) == len(used)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_make_target_that_is_named_exists(path):
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"^\s*make ([a-z-]+)", run_lines(path), re.MULTILINE))
    assert named <= targets


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_variable_that_make_is_given_is_one_that_it_reads(path):
    given = set(re.findall(r"^\s*make .*?\b([A-Z_]+)=", run_lines(path), re.MULTILINE))
    assert given <= set(re.findall(r"\$\(([A-Z_]+)", (ROOT / "Makefile").read_text()))


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_nothing_is_permitted_unless_a_job_asks_for_it(path):
    assert read_yaml(path)["permissions"] == {}
    for name, job in jobs(path).items():
        assert job["permissions"] == ALLOWED.get(f"{path.stem}/{name}", {"contents": "read"})


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_every_job_that_runs_steps_ends_in_time(path):
    assert all("timeout-minutes" in job for job in jobs(path).values() if "steps" in job)


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_no_checkout_leaves_its_token_on_the_disk(path):
    steps = [step for job in jobs(path).values() for step in job.get("steps", ())]
    checkouts = [step for step in steps if step.get("uses", "").startswith("actions/checkout@")]
    assert all(step["with"]["persist-credentials"] is False for step in checkouts)


def test_every_supported_python_is_tested():
    required = re.search(r'requires-python = ">=3\.(\d+),<3\.(\d+)"', (ROOT / "pyproject.toml").read_text())
    supported = [f"3.{minor}" for minor in range(int(required[1]), int(required[2]))]
    assert jobs(ROOT / ".github/workflows/ci.yml")["test"]["strategy"]["matrix"]["python"] == supported
