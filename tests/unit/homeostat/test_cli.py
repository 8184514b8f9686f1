"""The command answers people: sentences, exit codes, no traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


@pytest.fixture
def scratch(tmp_path):
    """A folder that looks like the repository, without any of its configuration."""
    (tmp_path / "model-source").mkdir()
    (tmp_path / "pyproject.toml").touch()
    return tmp_path


def homeostat(*words: str, root: Path, **env: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HOMEOSTAT_")}
    paths = os.pathsep.join([str(ROOT), str(ROOT / "model-source")])
    return subprocess.run(
        [sys.executable, "-m", "homeostat", *words],
        cwd=root,
        env=environment | {"PYTHONPATH": paths, "NO_COLOR": "1"} | env,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_a_wrong_setting_is_one_sentence_and_exit_code_2(scratch):
    (scratch / "homeostat.yaml").write_text("port: {}\n")
    done = homeostat("config", "check", root=scratch)
    assert done.returncode == 2
    assert done.stdout == ""
    assert "homeostat.yaml: 'port' is not a known key; did you mean 'ports'?" in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_the_mistakes_of_all_files_are_told_at_once(scratch):
    (scratch / "homeostat.yaml").write_text("ports: 3\n")
    release = scratch / "manifests" / "models" / "m" / "release.yaml"
    release.parent.mkdir(parents=True)
    release.write_text("")
    done = homeostat("config", "check", root=scratch)
    assert done.returncode == 2
    assert "homeostat.yaml: 'ports'" in done.stderr
    assert "manifests/models/m/release.yaml: must be a mapping" in done.stderr


def test_markup_in_a_users_value_is_shown_as_it_is(scratch):
    (scratch / "homeostat.yaml").write_text("'[bold]x[/red]': 1\n")
    done = homeostat("config", "check", root=scratch)
    assert done.returncode == 2
    assert "'[bold]x[/red]' is not a known key" in done.stderr


def test_outside_a_clone_the_command_says_where_to_run_it(tmp_path):
    done = homeostat("config", "check", root=tmp_path)
    assert done.returncode == 4
    assert "is not inside the platform's repository" in done.stderr
    assert "Traceback" not in done.stderr


def test_right_configuration_is_listed_or_passed_in_silence(scratch):
    (scratch / "homeostat.yaml").write_text("ports: {mlflow: 5001}\n")
    loud = homeostat("config", "check", root=scratch)
    quiet = homeostat("config", "check", "--quiet", root=scratch)
    assert (loud.returncode, loud.stdout.strip()) == (0, "ok  homeostat.yaml")
    assert (quiet.returncode, quiet.stdout) == (0, "")


def test_the_repository_that_is_named_wins_over_the_folder_one_stands_in(scratch, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (scratch / "homeostat.yaml").write_text("port: 1\n")
    done = homeostat("config", "check", root=elsewhere, HOMEOSTAT_ROOT=str(scratch))
    assert done.returncode == 2


def test_every_room_has_its_place_and_help_loads_no_heavy_library(scratch):
    done = homeostat("--help", root=scratch)
    assert done.returncode == 0
    for room in ("alerting", "config", "ct", "delivery", "demo", "process", "serving", "triage"):
        assert f" {room} " in done.stdout
    program = (
        "import sys; sys.argv = ['homeostat', '--help']\n"
        "from homeostat.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "heavy = {'mlflow', 'sklearn', 'bentoml', 'pandas', 'fastapi', 'sqlalchemy', 'xgboost', 'kserve'}\n"
        "sys.exit(' '.join(sorted(heavy & set(sys.modules))) or 0)\n"
    )
    paths = os.pathsep.join([str(ROOT), str(ROOT / "model-source")])
    probe = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | {"PYTHONPATH": paths},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (probe.returncode, probe.stderr) == (0, "")


@pytest.mark.parametrize(
    "words", [("--help",), ("triage", "--help"), ("process", "--help"), ("lineage", "--help")]
)
def test_no_help_offers_to_install_a_completion(words):
    done = homeostat(*words, root=ROOT)
    assert done.returncode == 0
    assert "completion" not in done.stdout
