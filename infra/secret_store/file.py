"""``secrets/cluster.sops.yaml`` as anyone can check it without a key: known names, and nothing in plain text.

SOPS leaves the names readable. A value that can be read was either never encrypted, or the rule that sops
found did not cover it: both are refused before the file is used, and by ``homeostat config check`` before it
is committed.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import cast

from homeostat.config import ConfigFile
from homeostat.errors import ConfigError
from homeostat.yaml_text import read_yaml
from infra.secret_store.names import KNOWN

FOLDER = "secrets"
FILE_NAME = "cluster.sops.yaml"
#: what sops adds beside the secrets
_METADATA = "sops"
_ENCRYPTED = "ENC["


def names_in(path: Path) -> Sequence[str]:
    """The names of the secrets in the encrypted file; those without a value are left out.

    Raises:
        ConfigError: when a name is unknown or a value can be read, with a sentence for each.
    """
    content = read_yaml(path)
    if not isinstance(content, Mapping):
        raise ConfigError(path, ["must be a mapping of names to secrets, as cluster.example.yaml shows."])
    values = {str(name): value for name, value in cast("Mapping[object, object]", content).items()}
    encrypted = values.pop(_METADATA, None) is not None
    mistakes = [*map(_unknown, values.keys() - KNOWN.keys()), *_readable(values, encrypted=encrypted)]
    if mistakes:
        raise ConfigError(path, sorted(mistakes))
    return [name for name, value in values.items() if value not in ("", None)]


def config_files(root: Path) -> Iterable[ConfigFile]:
    """The owner's secrets, when there are any in git."""
    path = root / FOLDER / FILE_NAME
    if path.exists():
        yield ConfigFile(path, names_in)


def _unknown(name: str) -> str:
    near = difflib.get_close_matches(name, KNOWN, n=1)
    hint = f"did you mean '{near[0]}'?" if near else f"known are {', '.join(KNOWN)}."
    return f"'{name}' is not a known secret; {hint}"


def _readable(values: Mapping[str, object], *, encrypted: bool) -> Iterable[str]:
    """A sentence about the values in plain text, which are never quoted."""
    plain = sorted(name for name, value in values.items() if not _is_hidden(value))
    if not plain:
        return
    names = ", ".join(f"'{name}'" for name in plain)
    if encrypted:
        yield (
            f"{names} can be read although sops has encrypted the file: put the committed file back, change "
            f"it with 'cd {FOLDER} && sops {FILE_NAME}', and let no rule of .sops.yaml leave values out."
        )
    else:
        command = f"cd {FOLDER} && sops --encrypt --in-place {FILE_NAME}"
        yield f"{names} can be read: run '{command}' and only then commit it."


def _is_hidden(value: object) -> bool:
    return value in ("", None) or (isinstance(value, str) and value.startswith(_ENCRYPTED))
