"""The root Application of an environment: the one place in git that names the repository that is followed."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, Field

from homeostat.config import parse
from homeostat.yaml_text import read_yaml


class Source(BaseModel):
    """What is followed."""

    repository: str = Field(alias="repoURL")
    revision: str = Field(alias="targetRevision")


class _Spec(BaseModel):
    source: Source


class _Application(BaseModel):
    spec: _Spec


def followed(root: Path, environment: str) -> Source:
    """What the root Application of ``environment`` follows, in the repository at ``root``.

    Raises:
        ConfigError: when there is no such file, or it names no repository.
    """
    path = root / "argocd" / "root" / environment / "application.yaml"
    return parse(read_yaml(path), _Application, path).spec.source
