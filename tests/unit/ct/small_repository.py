"""Small repositories with one model, and runs of it through the real harness."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import pandas as pd
from rich.console import Console

from ct.recording.registry import Registry
from ct.run import Run, run
from homeostat import digest, yaml_text
from homeostat.release import Outcome, Release, to_yaml

REPOSITORY = Path(__file__).parents[3]
PHISHING = REPOSITORY / "model-source/phishing_detector/model.yaml"


def git(root: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=Test", "-c", "user.email=test@example.invalid")
    subprocess.run(["git", *identity, *arguments], cwd=root, check=True, capture_output=True)


def add_model(root: Path, name: str, rows: pd.DataFrame, declared: dict[str, Any]) -> None:
    """Write and commit a model whose rows are a CSV; its folder is all that changes."""
    folder = root / "model-source" / name
    folder.mkdir(parents=True, exist_ok=True)
    rows.to_csv(folder / "rows.csv", index=False)
    data = {**declared["data"], "path": "rows.csv", "sha256": digest.of_file(folder / "rows.csv")}
    data.pop("loader", None)
    (folder / "model.yaml").write_text(yaml_text.to_yaml({**declared, "name": name, "data": data}))
    if not (root / ".git").exists():
        (root / "pyproject.toml").write_text("")
        git(root, "init", "-q")
    git(root, "add", ".")
    if subprocess.run(["git", "diff", "--cached", "--quiet"], cwd=root, check=False).returncode:
        git(root, "commit", "-qm", f"Add {name}")


@dataclass(frozen=True)
class Trainer:
    """Trains variants of the phishing data with the real model.yaml's bounds, all in one registry."""

    folder: Path
    registry: Registry

    def __call__(self, rows: pd.DataFrame, champion: Run | None = None) -> Run:
        declared = yaml_text.read_yaml(PHISHING)
        assert isinstance(declared, dict)
        root = self.folder / "clone"
        add_model(root, "pages", rows, declared)
        release = None
        if champion is not None:
            release = self.folder / "release.yaml"
            release.write_text(to_yaml(release_of(champion)))
        return run(root, "pages", self.folder / "out", release, self.registry, quiet())


def quiet() -> Console:
    return Console(file=StringIO())


def release_of(finished: Run) -> Release:
    """What a hand-off would commit."""
    result = finished.result
    assert result.version is not None
    return Release(
        model=result.model,
        version=result.version,
        model_sha256=result.model_sha256,
        bento_digest="0" * 64,
        run_id=result.run_id,
        data_sha256=result.data_sha256,
        inputs_digest=result.inputs_digest,
        source_commit=result.source_commit,
        gates=result.gates,
    )


def refused(finished: Run) -> set[str]:
    return {gate.name for gate in finished.result.gates if gate.outcome is Outcome.FAILED}
