"""Where people look at a homelab's cluster: the names below its domain that the proxy answers to."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pydantic import BaseModel

from homeostat.config import parse
from homeostat.yaml_text import read_yaml

#: what -> the first part of its name
_NAMES = {
    "Argo CD": "argocd",
    "Grafana": "grafana",
    "MLflow": "mlflow",
    "triage": "triage",
    "models": "models",
}


class _Values(BaseModel):
    domain: str


class _Site(BaseModel):
    """``manifests/site/site.yaml``, as far as it is read here."""

    data: _Values


def pages(root: Path) -> Sequence[tuple[str, str]]:
    """What, and its address, for the domain that the repository at ``root`` names.

    Raises:
        ConfigError: when the file names no domain.
    """
    path = root / "manifests" / "site" / "site.yaml"
    domain = parse(read_yaml(path), _Site, path).data.domain
    return [(what, f"https://{name}.{domain}") for what, name in _NAMES.items()]
