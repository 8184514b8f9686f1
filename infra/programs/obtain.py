"""Programs from the first source that works, remembered so that the next start does not search again."""

from __future__ import annotations

import difflib
import fcntl
import json
import os
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from homeostat import atomic
from homeostat.config import Document
from homeostat.errors import MachineError
from infra.programs.catalogue import CATALOGUE
from infra.programs.debian import Debian
from infra.programs.go_module import GoModule
from infra.programs.on_path import OnPath
from infra.programs.program import Obtained, Program, Say, Source, Unavailable, examine
from infra.programs.version import shown


class Record(Document):
    """Which program is in use, and where it came from."""

    name: str
    version: str
    source: str
    path: Path


@dataclass(frozen=True, slots=True)
class Programs:
    """The programs of one site; ``sources`` are asked in order."""

    folder: Path
    sources: Sequence[Source]
    catalogue: Mapping[str, Program]

    def get(self, name: str, say: Say, source: str | None = None) -> Obtained:
        """The program ``name``, from ``source`` alone when one is named.

        Raises:
            MachineError: with one sentence for each attempt, when none gave a program that works.
        """
        program = self._known(name)
        with self._locked(program):
            if source is None and (found := self._remembered(program)):
                return found
            return self._search(program, say, source)

    def in_use(self) -> Sequence[Record]:
        """Every program that was obtained here."""
        records = (_record(path) for path in sorted(self.folder.glob("*.json")))
        return [record for record in records if record]

    def _known(self, name: str) -> Program:
        if program := self.catalogue.get(name):
            return program
        near = difflib.get_close_matches(name, self.catalogue, n=1)
        hint = f"; did you mean '{near[0]}'?" if near else f"; known are {', '.join(sorted(self.catalogue))}."
        raise MachineError(f"'{name}' is not a known program{hint}")

    def _search(self, program: Program, say: Say, wanted: str | None) -> Obtained:
        failures: list[str] = []
        for source in self.sources:
            if wanted in {None, source.name}:
                try:
                    found = source.obtain(program, say)
                except Unavailable as reason:
                    failures.append(f"{source.name}: {reason}")
                else:
                    if wanted is None:
                        self._remember(program, found)
                    return found
        if not failures:
            names = ", ".join(source.name for source in self.sources)
            raise MachineError(f"'{wanted}' is no source of programs: choose one of {names}.")
        tried = "\n".join(f"  {failure}" for failure in failures)
        raise MachineError(f"{program.name} ({program.supported}) could not be obtained:\n{tried}")

    def _remembered(self, program: Program) -> Obtained | None:
        record = _record(self.folder / f"{program.name}.json")
        if record is None or not record.path.exists():
            return None
        try:
            version = examine(program, record.path)
        except Unavailable:
            return None
        return Obtained(record.path, shown(version) if version else record.version, record.source)

    def _remember(self, program: Program, found: Obtained) -> None:
        record = Record(name=program.name, version=found.version, source=found.source, path=found.path)
        content = json.dumps(record.model_dump(mode="json"), indent=2)
        atomic.write_text(self.folder / f"{program.name}.json", content + "\n")

    @contextmanager
    def _locked(self, program: Program) -> Generator[None]:
        """Let one process at a time fetch a family: both of its programs come from the same package."""
        family = program.debian.name if program.debian else program.name
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / f".{family}.lock").open("a") as stream:
            fcntl.flock(stream, fcntl.LOCK_EX)
            yield


def cache_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """The user's cache of built programs, outside of every clone."""
    base = environment.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "homeostat" / "programs"


def standard_programs(root: Path, folder: Path) -> Programs:
    """The programs of the platform: from PATH, from Debian, or built from the repository's ``tools/``."""
    sources = (OnPath(), Debian(folder / "deb"), GoModule(root / "tools", cache_folder()))
    return Programs(folder, sources, CATALOGUE)


def _record(path: Path) -> Record | None:
    try:
        return Record.model_validate_json(path.read_bytes())
    except (FileNotFoundError, ValidationError):
        return None
