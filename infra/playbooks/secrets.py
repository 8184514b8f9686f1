"""Which secrets a playbook gets: by its environment, where roles look them up, and nowhere else."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from infra.definition.document import Definition
from infra.secret_store.names import KNOWN
from infra.secret_store.store import Secrets


def secrets_of(definition: Definition, root: Path) -> Mapping[str, str]:
    """Environment variable -> secret, of those that the roles use and that are there.

    One that is missing is told of by the role that can't do without it.

    Raises:
        ConfigError: when the file of secrets holds what it may not.
        Undecryptable: when it can't be read with the keys that are here.
    """
    names: list[str] = []
    if definition.backups and definition.backups.s3:
        names += ["s3_access_key", "s3_secret_key"]
    if definition.registry:
        names += ["registry_username", "registry_password"]
    secrets = Secrets.open(root, os.environ)
    found = {KNOWN[name].variable: secrets.find(name) for name in names}
    return {variable: secret.get_secret_value() for variable, secret in found.items() if secret}
