"""Reading ``cluster.yaml``."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from homeostat.config import ConfigFile, load
from infra.definition.document import Definition

FILE_NAME = "cluster.yaml"
EXAMPLE_NAME = "cluster.example.yaml"


def load_definition(path: Path) -> Definition:
    """Read and check the definition at ``path``.

    Raises:
        ConfigError: with one sentence for every mistake in the file.
    """
    return load(path, Definition)


def config_files(root: Path) -> Iterable[ConfigFile]:
    """The owner's definition, when there is one, and the documented example."""
    for name in (FILE_NAME, EXAMPLE_NAME):
        if (root / name).exists():
            yield ConfigFile(root / name, load_definition)
