"""``homeostat doctor``: what this machine, its keys and the hosts that it manages lack.

The kernel knows no room: each offers its checkups under the entry point ``homeostat.checkups``, as a function
of the repository and the state folder. A checkup only looks; it bounds its own waiting, and what it raises is
a failed finding.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import cast

from homeostat import config
from homeostat.errors import ConfigError, HomeostatError
from homeostat.redaction import redact

#: the entry points under which rooms offer their checkups
GROUP = "homeostat.checkups"
#: they mostly wait for answers
_AT_ONCE = 8


class Level(StrEnum):
    """How much a finding weighs."""

    OK = "ok"
    WARNING = "warning"
    #: something won't work; the command exits with 1
    FAILED = "failed"
    #: it can't be told here, or need not be
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a checkup saw."""

    level: Level
    #: one sentence
    sentence: str
    #: what a person can do about it
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Checkup:
    """One thing to look at; it needs no other checkup and may run beside them."""

    name: str
    run: Callable[[], Finding]


@dataclass(frozen=True, slots=True)
class Examined:
    """A checkup's name with what it saw."""

    name: str
    finding: Finding


#: what stands behind an entry point: the repository and the state folder -> checkups
Declare = Callable[[Path, Path], Iterable[Checkup]]


def examine(root: Path, state: Path) -> Sequence[Examined]:
    """Check the configuration, then run every room's checkups side by side; in the order of their names.

    It never raises because of what a checkup does.
    """
    configuration = examine_configuration(root)
    checkups, broken = declared_checkups(root, state)
    return [*configuration, *broken, *run_all(checkups)]


def run_all(checkups: Sequence[Checkup]) -> Sequence[Examined]:
    """Run ``checkups`` side by side; the findings keep their order."""
    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="checkup") as pool:
        return list(pool.map(_examined, checkups))


def examine_configuration(root: Path) -> Sequence[Examined]:
    """One finding for each mistake and each warning in the configuration files, or one that there is none."""
    name = "configuration"
    try:
        checked = config.check_all(root)
        warnings = config.all_warnings(root)
    except ConfigError as error:
        remedy = "Correct the file."
        return [Examined(name, Finding(Level.FAILED, told, remedy)) for told in error.mistakes]
    except Exception as error:  # noqa: BLE001 - a room's check that breaks must not hide the other findings
        return [Examined(name, _of_exception(error))]
    right = Finding(Level.OK, f"{len(checked)} file(s) hold no mistake.")
    return [
        Examined(name, right),
        *(Examined(name, Finding(Level.WARNING, sentence)) for sentence in warnings),
    ]


def declared_checkups(root: Path, state: Path) -> tuple[Sequence[Checkup], Sequence[Examined]]:
    """Every room's checkups, and a finding for each room that could not say which it has."""
    checkups: list[Checkup] = []
    broken: list[Examined] = []
    for point in sorted(entry_points(group=GROUP), key=lambda point: point.name):
        try:
            checkups += _declared(point, root, state)
        except Exception as error:  # noqa: BLE001 - one room that breaks must not hide the others' findings
            broken.append(Examined(point.name, _of_exception(error)))
    return checkups, broken


def _declared(point: EntryPoint, root: Path, state: Path) -> Sequence[Checkup]:
    return list(cast("Declare", point.load())(root, state))


def _examined(checkup: Checkup) -> Examined:
    try:
        return Examined(checkup.name, checkup.run())
    except Exception as error:  # noqa: BLE001 - what breaks a checkup is its finding, never a traceback
        return Examined(checkup.name, _of_exception(error))


def _of_exception(error: Exception) -> Finding:
    if isinstance(error, ConfigError):
        # each mistake has a finding of its own already
        return Finding(Level.SKIPPED, "it can't be told while a configuration file has mistakes.")
    told = " ".join(redact(str(error)).split())
    if isinstance(error, HomeostatError):
        return Finding(Level.FAILED, told)
    return Finding(
        Level.FAILED, f"the checkup itself broke: {type(error).__name__}: {told}".rstrip(": ") + "."
    )


def any_failed(findings: Iterable[Examined]) -> bool:
    """Whether something won't work."""
    return any(one.finding.level is Level.FAILED for one in findings)


def without_definition(names: Sequence[str], file: str) -> Sequence[Checkup]:
    """The checkups ``names``, skipped since ``file`` is not there: a person still sees what they would be."""
    finding = Finding(Level.SKIPPED, f"no {file}.")
    return [Checkup(name, partial(_always, finding)) for name in names]


def _always(finding: Finding) -> Finding:
    return finding
