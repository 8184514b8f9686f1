"""Reading ``cluster.yaml``: every mistake at once, those of single fields and those between them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from homeostat.config import ConfigFile
from homeostat.errors import ConfigError
from homeostat.yaml_text import read_yaml
from infra.definition.document import Definition
from infra.definition.draft import drafted, field_mistakes
from infra.definition.rules import OWNERS_RULES, RULES
from infra.definition.warn import warnings

FILE_NAME = "cluster.yaml"
EXAMPLE_NAME = "cluster.example.yaml"


def load_definition(path: Path) -> Definition:
    """Read and check the definition at ``path``; paths in it come back absolute.

    What the example leaves for the owner to fill in is let through in the example alone.

    Raises:
        ConfigError: with one sentence for every mistake in the file.
    """
    return parse_definition(read_yaml(path), path)


def parse_definition(content: object, path: Path) -> Definition:
    """Check already parsed ``content`` of the file at ``path``.

    Raises:
        ConfigError: with one sentence for every mistake.
    """
    definition, mistakes = field_mistakes(content, path)
    draft = drafted(cast("Mapping[str, Any]", content), path.absolute().parent)
    rules = RULES if path.name == EXAMPLE_NAME else (*RULES, *OWNERS_RULES)
    mistakes = [*mistakes, *(sentence for rule in rules for sentence in rule(draft))]
    if mistakes or definition is None:
        # a value that is quoted may hold anything, and a sentence is one line
        raise ConfigError(path, [" ".join(sentence.split()) for sentence in mistakes])
    return _with_absolute_paths(definition, draft.folder)


def load_warnings(path: Path) -> Sequence[str]:
    """What the definition at ``path``, which has no mistakes, does that is seldom wanted."""
    return warnings(load_definition(path))


def config_files(root: Path) -> Iterable[ConfigFile]:
    """The owner's definition, when there is one, and the documented example."""
    if (root / FILE_NAME).exists():
        yield ConfigFile(root / FILE_NAME, load_definition, load_warnings)
    if (root / EXAMPLE_NAME).exists():
        yield ConfigFile(root / EXAMPLE_NAME, load_definition)


def _with_absolute_paths(definition: Definition, folder: Path) -> Definition:
    """Paths on this machine are relative to the file, so that it does not matter where a command is run."""
    proxmox, ssh, k3s = definition.proxmox, definition.ssh, definition.k3s
    return definition.model_copy(
        update={
            "proxmox": proxmox.model_copy(update={"ca_file": _absolute(proxmox.ca_file, folder)}),
            "ssh": ssh.model_copy(update={"key_file": _absolute(ssh.key_file, folder)}),
            "k3s": k3s.model_copy(update={"airgap_folder": _absolute(k3s.airgap_folder, folder)}),
        }
    )


def _absolute(path: Path | None, folder: Path) -> Path | None:
    if path is None:
        return None
    try:
        return folder / path.expanduser()
    except RuntimeError:
        # "~somebody" who is not known here
        return folder / path
