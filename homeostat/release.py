"""What a hand-off writes: the release of one model, ``manifests/models/<model>/release.yaml``.

Git is the only way to change what serves, so this file is the whole truth about it: which bytes, from which
source and data, judged by which gates. All that deploys or diagnoses reads it; only delivery writes it.

In git it is a document of the Kubernetes resource model, so that kustomize can copy its digests into what it
deploys; it is marked as local configuration and reaches no cluster itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from homeostat import yaml_text
from homeostat.config import ConfigFile, Document, parse
from homeostat.matching import matching

Sha256 = Annotated[str, matching("[0-9a-f]{64}", "a SHA-256: 64 lower-case hexadecimal digits")]
Commit = Annotated[str, matching("[0-9a-f]{40}", "a whole commit id: 40 lower-case hexadecimal digits")]
#: with hyphens it names what serves; the label ``isvc.<name>-predictor`` has room for 48 characters of it
ModelName = Annotated[
    str,
    matching(
        "[a-z](?:[a-z0-9_]{0,46}[a-z0-9])?",
        "at most 48 lower-case letters, digits and underscores, the first of them a letter and the last no"
        " underscore",
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


class ReleaseMetadata(Document):
    """What the Kubernetes resource model wants to know of a release."""

    name: str
    annotations: dict[str, str]


class ReleaseFile(Release):
    """A release as it lies in git, a document of the Kubernetes resource model."""

    api_version: Literal["homeostat.dev/v1"] = Field(alias="apiVersion")
    kind: Literal["Release"]
    metadata: ReleaseMetadata

    @model_validator(mode="after")
    def _metadata_follows(self) -> Self:
        if self.metadata != (right := _metadata(self)):
            raise ValueError(f"'metadata' must be {right.model_dump()} for the model '{self.model}'")
        return self


def cluster_name(model: str) -> str:
    """What serves ``model`` is named so in a cluster; no two models share a name, since none has a hyphen.

    >>> cluster_name("phishing_detector")
    'phishing-detector'
    """
    return model.replace("_", "-")


def release_path(root: Path, model: str) -> Path:
    """Where the release of ``model`` lies below ``root``."""
    return root / RELEASES / model / "release.yaml"


def read_release(path: Path) -> Release:
    """Read one release.

    Raises:
        ConfigError: when the file is missing or says something that it may not.
    """
    return parse_release(yaml_text.read_yaml(path), path)


def parse_release(content: object, source: Path | str) -> Release:
    """The release in an already parsed file; ``source`` names it in the sentences.

    Raises:
        ConfigError: with one sentence for every mistake.
    """
    found = parse(content, ReleaseFile, source)
    return Release.model_validate({name: getattr(found, name) for name in Release.model_fields})


def read_releases(root: Path) -> tuple[Release, ...]:
    """All releases below ``root``, in the order of their models' names."""
    return tuple(read_release(path) for path in sorted((root / RELEASES).glob("*/release.yaml")))


def to_yaml(release: Release) -> str:
    """The release as the YAML text that a hand-off commits: block style, in the schema's order.

    A release without an image has no ``image_digest`` rather than an empty one: kustomize then refuses to
    render what could not run.
    """
    left_out = {"image_digest"} if release.image_digest is None else None
    header = {
        "apiVersion": "homeostat.dev/v1",
        "kind": "Release",
        "metadata": _metadata(release).model_dump(),
    }
    return yaml_text.to_yaml(header | release.model_dump(mode="json", exclude=left_out))


def _metadata(release: Release) -> ReleaseMetadata:
    local = {"config.kubernetes.io/local-config": "true"}
    return ReleaseMetadata(name=cluster_name(release.model), annotations=local)


def config_files(root: Path) -> Iterable[ConfigFile]:
    """Every release, for ``homeostat config check``."""
    for path in sorted((root / RELEASES).glob("*/release.yaml")):
        yield ConfigFile(path, read_release)
