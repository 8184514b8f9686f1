"""Checks from the command line: what to look at, each result as it comes, or JSON at the end."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import typer
from rich.console import Console

from delivery.changes import changed_paths
from delivery.checks.board import everything_required, run_checks, show, verdict_of
from delivery.checks.check import Check, Subject
from delivery.errors import NoSuchRun
from delivery.git import Git
from delivery.layout import Layout
from delivery.stages import Verdict
from homeostat.paths import repository_root, state_directory


@dataclass(frozen=True, slots=True)
class Report:
    """How results are judged and shown."""

    require_all: bool
    as_json: bool

    def of(self, checks: Sequence[Check], subject: Subject) -> Verdict:
        """Run the checks, show them, and say in one sentence how they ended."""
        console = Console(stderr=self.as_json)
        results = run_checks(checks, subject, lambda result: show(console, result))
        if self.require_all:
            results = everything_required(results)
        if self.as_json:
            typer.echo(json.dumps([asdict(result) for result in results], indent=2))
        return verdict_of(results)


def subject_of(base: str, image: str | None = None) -> Subject:
    """This checkout, and what its HEAD changed since ``base`` (everything when it is empty).

    Raises:
        NoSuchRun: when ``base`` is no commit here.
    """
    root = repository_root()
    git = Git(root)
    commit = git.commit_of(base) if base else None
    if base and commit is None:
        raise NoSuchRun(f"--base {base} is no commit in {root}.")
    paths = changed_paths(git, commit, "HEAD")
    cache = Layout(state_directory(root)).cache
    return Subject(root, paths, commit, Path(sys.executable).parent, cache, image)
