"""What a hand-off writes: the release of one model, ``manifests/models/<model>/release.yaml``.

Git is the only way to change what serves, so this file is the whole truth about it: which bytes, from which
source and data, judged by which gates. All that deploys or diagnoses reads it; only delivery writes it.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import Field

from homeostat import yaml_text
from homeostat.config import ConfigFile, Document, load
from homeostat.matching import matching

Sha256 = Annotated[str, matching("[0-9a-f]{64}", "a SHA-256: 64 lower-case hexadecimal digits")]
Commit = Annotated[str, matching("[0-9a-f]{40}", "a whole commit id: 40 lower-case hexadecimal digits")]
ModelName = Annotated[
    str,
    matching(
        "[a-z][a-z0-9_]{0,62}",
        "at most 63 lower-case letters, digits and underscores, the first of them a letter",
    ),
]
ImageDigest = Annotated[
    str, matching("sha256:[0-9a-f]{64}", "'sha256:' and 64 lower-case hexadecimal digits")
]
RunId = Annotated[str, matching("[0-9a-f]{32}", "32 lower-case hexadecimal digits, as MLflow names runs")]

RELEASES = Path("manifests/models")


class Outcome(StrEnum):
    """What a gate said."""

    PASSED = "passed"
    #: the gate measured and the value is on the wrong side of its bound
    FAILED = "failed"
    #: the gate has nothing to measure yet, such as a champion for the first version
    NOT_APPLICABLE = "not_applicable"


class GateResult(Document):
    """One gate's verdict: the value, the bound and one sentence that a person understands."""

    name: str
    outcome: Outcome
    value: float | None
    bound: float | None
    sentence: str


class Release(Document):
    """One served version of one model; see the module's docstring."""

    model: ModelName
    version: int = Field(ge=1, description="version in the model registry")
    model_sha256: Sha256 = Field(description="of the serialized model that was gated")
    bento_digest: Sha256 = Field(description="of the bento's content")
    image_digest: ImageDigest | None = None
    run_id: RunId = Field(description="MLflow run")
    data_sha256: Sha256 = Field(description="of the rows that were trained and judged on")
    inputs_digest: Sha256 = Field(description="of everything that could change the model")
    source_commit: Commit
    gates: tuple[GateResult, ...] = Field(min_length=1)


def release_path(root: Path, model: str) -> Path:
    """Where the release of ``model`` lies below ``root``."""
    return root / RELEASES / model / "release.yaml"


def read_release(path: Path) -> Release:
    """Read one release.

    Raises:
        ConfigError: when the file is missing or says something that it may not.
    """
    return load(path, Release)


def read_releases(root: Path) -> tuple[Release, ...]:
    """All releases below ``root``, in the order of their models' names."""
    return tuple(read_release(path) for path in sorted((root / RELEASES).glob("*/release.yaml")))


def to_yaml(release: Release) -> str:
    """The release as the YAML text that a hand-off commits: block style, in the schema's order."""
    return yaml_text.to_yaml(release.model_dump(mode="json"))


def config_files(root: Path) -> Iterable[ConfigFile]:
    """Every release, for ``homeostat config check``."""
    for path in sorted((root / RELEASES).glob("*/release.yaml")):
        yield ConfigFile(path, read_release)
