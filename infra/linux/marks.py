"""Marks in the environment by which every process of a platform is known, however far it has wandered.

A service may start programs in sessions of their own, which no process group reaches; but each inherits its
parent's environment. So the supervisor marks its children with the state folder (``S``), its own run
(``S.R``) and the start of the service (``S.R.mlflow.3``). A platform inside a platform (tests that a pipeline
runs) adds its marks to those it inherited: ending the outer one ends the inner one.

``HOMEOSTAT_STATE`` would not do: people export it in their shells, and a shell must not be swept away.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from homeostat import digest

MARKS_VARIABLE = "HOMEOSTAT_MARKS"


def mark_of_state(state: Path) -> str:
    """The mark that all processes of the platform in ``state`` carry."""
    return digest.of_bytes(str(state.resolve()).encode())[:16]


def with_marks(environment: Mapping[str, str], *marks: str) -> str:
    """The marks in ``environment`` and ``marks``, as the value of :data:`MARKS_VARIABLE`.

    >>> with_marks({"HOMEOSTAT_MARKS": "outer"}, "inner", "outer")
    'outer:inner'
    """
    there = environment.get(MARKS_VARIABLE, "").split(":")
    return ":".join(dict.fromkeys(mark for mark in (*there, *marks) if mark))


def carries(value: str, mark: str) -> bool:
    """Whether ``mark`` is among the marks in ``value``."""
    return mark in value.split(":")
