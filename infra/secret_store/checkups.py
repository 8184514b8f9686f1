"""What the doctor asks about secrets: that those which are needed are there, and can be decrypted here."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from functools import partial
from pathlib import Path

from homeostat.doctor import Checkup, Finding, Level, without_definition
from homeostat.errors import MachineError
from infra.definition.load import FILE_NAME, load_definition
from infra.programs.obtain import standard_programs
from infra.secret_store import file
from infra.secret_store.errors import MissingSecret
from infra.secret_store.names import KNOWN
from infra.secret_store.needed import needed
from infra.secret_store.store import Secrets

_NAME = "secrets"


def checkups(root: Path, state: Path) -> Iterable[Checkup]:
    """One for each secret that ``cluster.yaml`` needs."""
    if not (root / FILE_NAME).exists():
        return without_definition([_NAME], FILE_NAME)
    secrets = Secrets(root, os.environ, partial(sops_at_hand, root, state))
    names = needed(load_definition(root / FILE_NAME))
    return [Checkup(f"secret {name}", partial(_present, secrets, name)) for name in names]


def _present(secrets: Secrets, name: str) -> Finding:
    try:
        secrets.get(name)
    except MissingSecret as missing:
        return Finding(Level.FAILED, str(missing), f"export {KNOWN[name].variable}=...")
    return Finding(Level.OK, f"{KNOWN[name].purpose} is there.")


def sops_at_hand(root: Path, state: Path) -> Path:
    """Sops as far as it is on this machine: looking must not take the minutes of a build."""
    programs = standard_programs(root, state / "programs")
    if shutil.which("sops") or any(record.name == "sops" for record in programs.in_use()):
        return programs.get("sops", _quietly).path
    raise MachineError(
        f"sops is needed for {file.FOLDER}/{file.FILE_NAME} and is not here: install it, or run "
        "'homeostat process program sops', which builds it once."
    )


def _quietly(_what: str) -> None:
    """Say nothing."""
