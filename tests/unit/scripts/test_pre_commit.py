"""The hooks before a commit are the project's own tools, from the environment that is there already."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from homeostat.yaml_text import read_yaml

ROOT = Path(__file__).parents[3]
BIN = Path(sys.executable).parent
CONFIG = ROOT / ".pre-commit-config.yaml"


def test_the_configuration_is_valid():
    done = subprocess.run(
        [BIN / "pre-commit", "validate-config", CONFIG],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "")


def test_no_hook_comes_from_elsewhere_and_each_program_is_in_the_environment():
    (repository,) = read_yaml(CONFIG)["repos"]
    assert repository["repo"] == "local"
    for hook in repository["hooks"]:
        program = Path(hook["entry"].split()[0])
        assert (hook["language"], program.parent) == ("system", Path(".venv/bin"))
        assert (BIN / program.name).exists()
