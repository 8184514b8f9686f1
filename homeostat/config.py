"""Configuration files: YAML in, a validated pydantic model or sentences out.

Rooms describe their files as :class:`ConfigFile` under the entry point ``homeostat.configs``, so that
``homeostat config check`` and every start-up validate all of them before anything else happens.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path
from typing import TypeVar, cast

from pydantic import BaseModel, ConfigDict, ValidationError

from homeostat.errors import ConfigError
from homeostat.sentences import sentences
from homeostat.yaml_text import read_yaml


class Document(BaseModel):
    """The base of every configuration document: unknown keys are errors and values never change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


@dataclass(frozen=True, slots=True)
class ConfigFile:
    """One file of the repository and the check that raises :class:`ConfigError` when it is wrong."""

    path: Path
    check: Callable[[Path], object]
    #: sentences on what is allowed but seldom wanted, of a file without mistakes
    warn: Callable[[Path], Sequence[str]] | None = None


D = TypeVar("D", bound=BaseModel)


def load(path: Path, kind: type[D]) -> D:
    """Read the YAML file at ``path`` as a ``kind``.

    Raises:
        ConfigError: with one sentence for every mistake in the file.
    """
    return parse(read_yaml(path), kind, source=path)


def parse(content: object, kind: type[D], source: Path | str) -> D:
    """Validate already parsed ``content`` as a ``kind``; ``source`` names it in the sentences.

    Raises:
        ConfigError: with one sentence for every mistake.
    """
    if not isinstance(content, Mapping):
        found = "an empty file" if content is None else f"a {type(content).__name__}"
        raise ConfigError(source, [f"must be a mapping of keys to values, not {found}."])
    try:
        return kind.model_validate(content)
    except ValidationError as error:
        raise ConfigError(source, sentences(error, kind)) from None


def all_config_files(root: Path) -> Iterable[ConfigFile]:
    """Every configuration file that any room declares for the repository at ``root``."""
    for point in entry_points(group="homeostat.configs"):
        declare = cast("Callable[[Path], Iterable[ConfigFile]]", point.load())
        yield from declare(root)


def check_all(root: Path) -> Sequence[Path]:
    """Validate every configuration file of the repository; return the files that were checked.

    Raises:
        ConfigError: with the mistakes of all files together.
    """
    checked: list[Path] = []
    mistakes: list[str] = []
    for file in all_config_files(root):
        checked.append(file.path)
        try:
            file.check(file.path)
        except ConfigError as error:
            mistakes += [f"{_shown(file.path, root)}: {mistake}" for mistake in error.mistakes]
    if mistakes:
        raise ConfigError("configuration", mistakes)
    return checked


def all_warnings(root: Path) -> Sequence[str]:
    """What in files without mistakes is allowed but seldom wanted, one sentence each."""
    warned: list[str] = []
    for file in all_config_files(root):
        sentences_of_file = file.warn(file.path) if file.warn else ()
        warned += [f"{_shown(file.path, root)}: {sentence}" for sentence in sentences_of_file]
    return warned


def _shown(path: Path, root: Path) -> Path:
    return path.relative_to(root) if path.is_relative_to(root) else path
