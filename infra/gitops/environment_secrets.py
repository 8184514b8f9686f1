"""The Secrets that an environment's manifests name: one file in git, encrypted by SOPS.

Argo CD would need the key to all of them, so they are applied by the bootstrap instead (docs/adr/0011).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, Field, ValidationError

from homeostat.errors import ConfigError, MachineError
from homeostat.yaml_text import parse_all_yaml
from infra.secret_store.decryption import decrypted


def environment_secrets(root: Path, environment: str, sops: Path, variables: Mapping[str, str]) -> str:
    """The manifests of ``secrets/<environment>.sops.yaml`` in plain text, which must reach no disk.

    Args:
        root: the repository.
        environment: such as ``homelab``.
        sops: the program.
        variables: the environment variables that tell sops where its key is.

    Raises:
        MachineError: when the file is missing.
        Undecryptable: when it can't be read with the keys that are here.
        ConfigError: when it is not a list of Secrets, or values are missing.
    """
    path = root / "secrets" / f"{environment}.sops.yaml"
    if not path.exists():
        raise MachineError(
            f"secrets/{path.name} is missing, and the manifests name Secrets of it: "
            f"copy secrets/{environment}.example.yaml, fill in the values and encrypt it as its head tells."
        )
    text = decrypted(path, sops, variables, "yaml")
    if mistakes := list(_mistakes(parse_all_yaml(text, path))):
        raise ConfigError(f"secrets/{path.name}", mistakes)
    return text


class _Metadata(BaseModel):
    name: str
    namespace: str


class _Secret(BaseModel):
    """As much of a Secret as is checked here; the API server checks the rest."""

    kind: Literal["Secret"]
    metadata: _Metadata
    values: Mapping[str, str | None] = Field(default_factory=dict[str, str | None], alias="stringData")


def _mistakes(documents: Iterable[object]) -> Iterable[str]:
    """What is wrong, without quoting a value."""
    for number, document in enumerate(documents, 1):
        try:
            found = _Secret.model_validate(document)
        except ValidationError:
            yield f"document {number} is no Secret with a name and a namespace; nothing else may stand here."
            continue
        for key, value in found.values.items():
            if not value:
                yield f"Secret {found.metadata.namespace}/{found.metadata.name} has no value for '{key}'."
