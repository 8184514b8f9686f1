"""The environment comes from nothing but a supported Python and the package registries.

The real script runs in a small clone of its own, whose lock holds the build backend alone.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
LOCKED = ("hatchling", "packaging", "pathspec", "pluggy", "trove-classifiers")
PROJECT = """\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
[project]
name = "small"
version = "1"
[project.scripts]
homeostat = "small:main"
[tool.hatch.build]
dev-mode-dirs = ["."]
[tool.hatch.build.targets.wheel]
packages = ["small"]
"""


class Clone:
    """A clone with a space in its path, and a machine whose ``python3`` is whatever a test says."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "a clone"
        self.machine = folder / "bin"
        self.machine.mkdir()
        for name in ("scripts/bootstrap.sh", "requirements/bootstrap.in", "requirements/bootstrap.txt"):
            (self.root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, self.root / name)
        (self.root / "requirements" / "dev.txt").write_text("".join(map(locked, LOCKED)))
        (self.root / "pyproject.toml").write_text(PROJECT)
        (self.root / "small").mkdir()
        (self.root / "small" / "__init__.py").write_text("def main(): print('it works')\n")
        self.environment = self.root / ".venv"

    def python3_is(self, *hidden: str, prelude: str = "") -> None:
        """Make every python3 the running one, without the modules ``hidden`` and after ``prelude``."""
        blocker = self.machine / "blocker"
        blocker.mkdir(exist_ok=True)
        for module in hidden:
            (blocker / f"{module}.py").write_text(f"raise ModuleNotFoundError('No module named {module}')\n")
        (blocker / "sitecustomize.py").write_text(prelude)
        for name in ("python3", "python3.11", "python3.12", "python3.13"):
            wrapper = self.machine / name
            wrapper.write_text(
                f'#!/bin/sh\nPYTHONPATH="${{PYTHONPATH:+$PYTHONPATH:}}{blocker}" exec {sys.executable} "$@"\n'
            )
            wrapper.chmod(0o755)

    def bootstrap(self, **env: str) -> subprocess.CompletedProcess[str]:
        kept = {
            name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "HOMEOSTAT_"))
        }
        cache = os.environ.get("UV_CACHE_DIR") or str(Path.home() / ".cache" / "uv")
        home = self.machine / "empty home"
        home.mkdir(exist_ok=True)
        return subprocess.run(
            ["sh", "scripts/bootstrap.sh", ".venv"],
            cwd=self.root,
            env=kept
            | {"PATH": f"{self.machine}:/usr/bin:/bin", "HOME": str(home), "UV_CACHE_DIR": cache}
            | env,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    def works(self) -> bool:
        command = self.environment / "bin" / "homeostat"
        return subprocess.run([command], capture_output=True, text=True, check=False).stdout == "it works\n"

    def with_uv(self) -> None:
        """Let this machine have the pinned uv on PATH."""
        (self.machine / "uv").symlink_to(Path(sys.executable).parent / "uv")


def locked(name: str) -> str:
    """The lines that lock ``name`` in the project's own requirements."""
    found = re.search(rf"^{name}==(?:.*\\\n)+.*\n", (ROOT / "requirements/dev.txt").read_text(), re.MULTILINE)
    assert found, f"{name} is not locked"
    return found[0]


@pytest.fixture
def clone(tmp_path):
    return Clone(tmp_path)


def test_shellcheck_finds_nothing():
    scripts = [*sorted((ROOT / "scripts").glob("*.sh")), ROOT / ".ci" / "run"]
    done = subprocess.run(
        [Path(sys.executable).parent / "shellcheck", *scripts], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "")


def test_an_unsupported_python_is_refused_with_one_sentence(clone):
    clone.python3_is(prelude="import sys; sys.version_info = (3, 9, 2, 'final', 0)")
    done = clone.bootstrap()
    assert done.returncode == 4
    assert re.fullmatch(r"error: no Python 3\.11 to 3\.13 here \(tried [^\n]*\.\n", done.stderr)
    assert not clone.environment.exists()


def test_the_python_that_the_user_names_is_not_passed_over_in_silence(clone):
    clone.python3_is()
    done = clone.bootstrap(HOMEOSTAT_PYTHON="/no such/python")
    assert done.returncode == 4
    assert "tried /no such/python" in done.stderr


def test_without_pip_and_without_apt_the_sentence_says_what_is_missing(clone):
    clone.python3_is("pip", "ensurepip")
    for program in ("dirname", "cat", "cksum", "df", "awk", "sed", "cut", "rm", "mkdir", "sh"):
        (clone.machine / program).symlink_to(shutil.which(program))
    done = clone.bootstrap(PATH=str(clone.machine))
    assert done.returncode == 4
    assert "neither pip nor ensurepip" in done.stderr
    assert not clone.environment.exists()


@pytest.mark.packages
@pytest.mark.parametrize(
    "hidden",
    [
        pytest.param(("pip",), id="no pip"),
        pytest.param(
            ("pip", "ensurepip"),
            id="no pip, no ensurepip",
            marks=pytest.mark.skipif(not shutil.which("apt-get"), reason="apt-get is not on this machine"),
        ),
    ],
)
def test_a_python_without_its_installers_is_enough(clone, hidden):
    clone.python3_is(*hidden)
    done = clone.bootstrap()
    assert done.returncode == 0, done.stderr
    assert clone.works()


@pytest.mark.packages
def test_run_again_it_changes_nothing_and_says_nothing(clone):
    clone.python3_is()
    clone.with_uv()
    assert clone.bootstrap().returncode == 0
    before = {path: path.lstat().st_mtime_ns for path in clone.root.rglob("*")}
    again = clone.bootstrap()
    assert (again.returncode, again.stdout, again.stderr) == (0, "", "")
    assert {path: path.lstat().st_mtime_ns for path in clone.root.rglob("*")} == before


@pytest.mark.packages
def test_bytes_with_another_hash_are_refused_and_the_next_try_works(clone):
    clone.python3_is()
    clone.with_uv()
    lock = clone.root / "requirements" / "dev.txt"
    right = lock.read_text()
    lock.write_text(re.sub("sha256:[0-9a-f]{8}", "sha256:00000000", right))
    refused = clone.bootstrap()
    assert refused.returncode == 4
    assert "error: the locked packages could not be installed" in refused.stderr
    lock.write_text(right)
    assert clone.bootstrap().returncode == 0
    assert clone.works()


@pytest.mark.packages
def test_an_environment_whose_python_vanished_is_made_anew(clone):
    clone.python3_is()
    clone.with_uv()
    assert clone.bootstrap().returncode == 0
    (clone.environment / "bin" / "python").unlink()
    (clone.root / "pyproject.toml").write_text(PROJECT + "# changed\n")
    done = clone.bootstrap()
    assert done.returncode == 0, done.stderr
    assert clone.works()


@pytest.mark.packages
def test_a_folder_that_moved_is_noticed(clone):
    clone.python3_is()
    clone.with_uv()
    assert clone.bootstrap().returncode == 0
    clone.root = clone.root.rename(clone.root.with_name("moved"))
    clone.environment = clone.root / ".venv"
    assert clone.bootstrap().returncode == 0
    assert clone.works()


@pytest.mark.packages
@pytest.mark.skipif(not shutil.which("apt-get"), reason="apt-get is not on this machine")
def test_empty_package_lists_are_no_obstacle(clone, tmp_path):
    clone.python3_is("pip", "ensurepip")
    (tmp_path / "lists" / "partial").mkdir(parents=True)
    (tmp_path / "apt.conf").write_text(f'Dir::State::Lists "{tmp_path}/lists";\n')
    done = clone.bootstrap(APT_CONFIG=str(tmp_path / "apt.conf"))
    assert done.returncode == 0, done.stderr
    assert clone.works()
