"""One secret by its name."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from pathlib import Path

from pydantic import SecretStr

from homeostat.paths import state_directory
from homeostat.redaction import remember
from infra.programs.obtain import standard_programs
from infra.programs.program import Say
from infra.secret_store.decryption import decrypt
from infra.secret_store.errors import MissingSecret
from infra.secret_store.file import FILE_NAME, FOLDER, names_in
from infra.secret_store.names import KNOWN


def _quietly(_what: str) -> None:
    """Say nothing."""


class Secrets:
    """The owner's secrets; the file is decrypted when the first is asked for that the environment lacks.

    What is handed out is also known to :func:`homeostat.redaction.redact` from then on, so that no log,
    report or error message can hold it.
    """

    def __init__(self, root: Path, environment: Mapping[str, str], sops: Callable[[], Path]) -> None:
        self._path = root / FOLDER / FILE_NAME
        self._environment = environment
        self._sops = sops
        self._lock = threading.Lock()
        self._decrypted: Mapping[str, str] | None = None

    @classmethod
    def open(cls, root: Path, environment: Mapping[str, str], say: Say = _quietly) -> Secrets:
        """The secrets of the repository at ``root``; ``say`` is told when sops has to be obtained."""
        programs = standard_programs(root, state_directory(root) / "programs")
        return cls(root, environment, lambda: programs.get("sops", say).path)

    def get(self, name: str) -> SecretStr:
        """The secret ``name``, one of :data:`infra.secret_store.names.KNOWN`.

        Raises:
            MissingSecret: when it is nowhere.
            ConfigError: when the file holds a value in plain text or an unknown name.
            Undecryptable: when the file can't be read with the keys that are here.
        """
        if found := self.find(name):
            return found
        known = KNOWN[name]
        raise MissingSecret(
            f"no '{name}' ({known.purpose}): set {known.variable}, or put it into {FOLDER}/{FILE_NAME} "
            f"as {FOLDER}/cluster.example.yaml tells."
        )

    def find(self, name: str) -> SecretStr | None:
        """The secret ``name``, or None when it is nowhere; raises as :meth:`get` does otherwise."""
        value = self._environment.get(KNOWN[name].variable, "").strip() or self._from_file(name).strip()
        if not value:
            return None
        if "\n" in value:
            # keys of more than one line end with one, or ssh refuses them
            value += "\n"
        if not KNOWN[name].identifies:
            remember(value)
        return SecretStr(value)

    def _from_file(self, name: str) -> str:
        # an encrypted file shows its names: without this one no key is needed
        if not self._path.exists() or name not in names_in(self._path):
            return ""
        with self._lock:
            if self._decrypted is None:
                self._decrypted = decrypt(self._path, self._sops(), self._environment)
            return self._decrypted.get(name, "")
