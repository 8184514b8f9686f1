"""YAML 1.2 in and out (ruamel.yaml, safe subset): the one adapter to the library."""

from __future__ import annotations

import io
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from homeostat.errors import ConfigError


def read_yaml(path: Path) -> object:
    """Parse the one YAML document at ``path``; duplicate keys are errors.

    Raises:
        ConfigError: when the file is missing, is not UTF-8 or is not YAML.
    """
    try:
        return parse_yaml(path.read_text(encoding="utf-8"), path)
    except FileNotFoundError:
        raise ConfigError(path, ["the file does not exist."]) from None
    except IsADirectoryError:
        raise ConfigError(path, ["is a folder, not a file."]) from None
    except UnicodeDecodeError as error:
        raise ConfigError(path, [f"is not UTF-8 text (byte {error.start})."]) from None


def parse_yaml(text: str, source: Path | str) -> object:
    """Parse one YAML document, which ``source`` names in the sentences; duplicate keys are errors.

    Raises:
        ConfigError: when it is not YAML.
    """
    reader = cast("Any", YAML(typ="safe", pure=True))
    with _explained(source):
        return reader.load(text)


def parse_all_yaml(text: str, source: Path | str) -> Sequence[object]:
    """Parse every YAML document of ``text``, which ``source`` names in the sentences.

    Raises:
        ConfigError: when it is not YAML.
    """
    reader = cast("Any", YAML(typ="safe", pure=True))
    with _explained(source):
        return list(reader.load_all(text))


def to_yaml(content: Mapping[str, Any]) -> str:
    """Block-style YAML in the order of the keys, long lines kept whole."""
    writer = cast("Any", YAML())
    writer.width = 4096
    writer.indent(mapping=2, sequence=4, offset=2)
    stream = io.StringIO()
    writer.dump(content, stream)
    return stream.getvalue()


@contextmanager
def _explained(source: Path | str) -> Generator[None]:
    """Turn what the library raises into a sentence."""
    try:
        yield
    except MarkedYAMLError as error:
        found = cast("Any", error)
        line = int(found.problem_mark.line) + 1 if found.problem_mark else 1
        raise ConfigError(source, [f"line {line} is not valid YAML: {found.problem}."]) from None
    except YAMLError as error:
        raise ConfigError(source, [f"is not valid YAML: {error}."]) from None
