"""Real age keys and files that the real sops encrypted, in a folder that looks like the repository."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from infra.secret_store.store import Secrets
from tests.programs import find

RULES = """\
creation_rules:
  - path_regex: (^|/)cluster\\.sops\\.yaml$
    age: {recipient}
"""


@dataclass(frozen=True)
class Vault:
    """A repository with one owner's key."""

    root: Path
    sops: Path
    key_file: Path

    @property
    def path(self) -> Path:
        return self.root / "secrets/cluster.sops.yaml"

    @property
    def environment(self) -> Mapping[str, str]:
        return {"HOME": str(self.root), "SOPS_AGE_KEY_FILE": str(self.key_file)}

    def secrets(self, **environment: str) -> Secrets:
        return Secrets(self.root, {**self.environment, **environment}, lambda: self.sops)

    def encrypt(self, text: str) -> None:
        """What the example tells a person to do."""
        self.path.write_text(text)
        command = [self.sops, "--encrypt", "--in-place", self.path.name]
        subprocess.run(command, cwd=self.path.parent, check=True, timeout=60, env=dict(self.environment))


def new_key(path: Path) -> str:
    """Make an age key at ``path``; its public half."""
    keygen = find("go", "age-keygen")
    subprocess.run([keygen, "-o", path], check=True, timeout=60, capture_output=True)
    ran = subprocess.run([keygen, "-y", path], check=True, timeout=60, capture_output=True, text=True)
    return ran.stdout.strip()


def new_vault(root: Path) -> Vault:
    (root / "secrets").mkdir()
    recipient = new_key(root / "owner.key")
    (root / "secrets/.sops.yaml").write_text(RULES.format(recipient=recipient))
    return Vault(root, find("go", "sops"), root / "owner.key")
