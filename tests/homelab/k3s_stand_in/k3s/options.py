"""What K3s was told: by flags, else by its configuration files, else by variables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from . import yaml_subset
from .flags import ALIASES, COMMANDS, VARIABLES, Kind

CONFIGURATION = Path("/etc/rancher/k3s/config.yaml")
_TRUE, _FALSE = {"true", "1", "t"}, {"false", "0", "f", ""}

Values = dict[str, str | list[str]]


class UsageError(Exception):
    """K3s refuses what it was told."""


@dataclass(frozen=True, slots=True)
class Options:
    """The options of one command, under their flags' names."""

    values: Mapping[str, str | list[str]]
    #: what stood on the command line beside flags
    arguments: tuple[str, ...] = ()

    def one(self, name: str, default: str = "") -> str:
        """The value of a flag."""
        value = self.values.get(name) or default
        return value if isinstance(value, str) else ",".join(value)

    def many(self, name: str) -> list[str]:
        """All values of a flag that may stand often; commas separate, too."""
        value = self.values.get(name) or []
        return [value] if isinstance(value, str) else value

    def split(self, name: str) -> list[str]:
        """The same where commas separate values, too."""
        return [part for value in self.many(name) for part in value.split(",") if part]

    def on(self, name: str) -> bool:
        """Whether a switch is on."""
        return self.one(name, "false").lower() in _TRUE


def read_options(
    command: str, arguments: Sequence[str], environment: Mapping[str, str], file: Path = CONFIGURATION
) -> Options:
    """Put together the options of ``command``.

    Raises:
        UsageError: when a flag or a key is unknown, or a file can't be read.
    """
    known = COMMANDS[command]
    given, positional = _parse_flags(known, arguments)
    by_variable: Values = {
        flag: environment[variable]
        for variable, flag in VARIABLES.items()
        if environment.get(variable) and flag in known
    }
    chosen = given.get("config") or environment.get("K3S_CONFIG_FILE")
    in_files = (
        {} if command not in {"server", "agent", "etcd-snapshot"} else _files(Path(str(chosen or file)))
    )
    if command == "etcd-snapshot":
        # it shares the server's file
        in_files = {name: value for name, value in in_files.items() if name in known}
    _refuse_unknown(known, in_files)
    values = {**by_variable, **in_files, **given}
    for name in (name for name in values if known[name] is Kind.SWITCH):
        if str(values[name]).lower() not in _TRUE | _FALSE:
            raise UsageError(f'invalid boolean value "{values[name]}" for -{name}: parse error')
    return Options(values, tuple(positional))


def _refuse_unknown(known: Mapping[str, Kind], values: Values) -> None:
    for name in values:
        if name not in known:
            raise UsageError(f"flag provided but not defined: -{name}")


def _parse_flags(known: Mapping[str, Kind], arguments: Sequence[str]) -> tuple[Values, list[str]]:
    found: Values = {}
    positional: list[str] = []
    rest = list(arguments)
    while rest:
        word = rest.pop(0)
        if not word.startswith("-") or word == "-":
            positional.append(word)
            continue
        written, equals, value = word.lstrip("-").partition("=")
        name = written if written in known else ALIASES.get(written, written)
        if name not in known:
            raise UsageError(f"flag provided but not defined: -{written}")
        if known[name] is Kind.SWITCH:
            found[name] = value if equals else "true"
            continue
        if not equals:
            if not rest:
                raise UsageError(f"flag needs an argument: -{written}")
            value = rest.pop(0)
        found[name] = [*found.get(name, []), value] if known[name] is Kind.MANY else value
    return found, positional


def _files(file: Path) -> Values:
    """config.yaml, then the files of config.yaml.d in their order: the last value of a key counts."""
    found: Values = {}
    for path in [file, *sorted(file.with_name(f"{file.name}.d").glob("*.y*ml"))]:
        if not path.is_file():
            continue
        try:
            content = yaml_subset.parse(path.read_text(encoding="utf-8"))
        except (yaml_subset.UnreadableError, UnicodeDecodeError) as error:
            raise UsageError(f"failed to read {path}: {error}") from None
        for key, value in content.items():
            found[key.removesuffix("+")] = _joined(found, key, value)
    return found


def _joined(found: Values, key: str, value: str | list[str]) -> str | list[str]:
    if not key.endswith("+"):
        return value
    before = found.get(key.removesuffix("+"), [])
    lists = [[part] if isinstance(part, str) else part for part in (before, value)]
    return lists[0] + lists[1]
