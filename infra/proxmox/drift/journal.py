"""The journal of observations: one a line, oldest first, bounded, and always whole."""

from __future__ import annotations

import fcntl
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

from pydantic import ValidationError

from homeostat.atomic import write_text
from infra.proxmox.drift.observation import Observation

#: changes that are remembered; the oldest go first
MOST = 500
FILE_NAME = "observations.jsonl"


def journal_path(state: Path, cluster: str) -> Path:
    """Where the journal of ``cluster`` lies."""
    return state / "proxmox" / cluster / FILE_NAME


def read(path: Path) -> Sequence[Observation]:
    """What is written there, oldest first; lines that can't be read are left out."""
    if not path.exists():
        return []
    found: list[Observation] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            found.append(Observation.model_validate_json(line))
        except ValidationError:
            # of another version, or edited by hand: the history gets shorter, and the check still works
            continue
    return found


def append(path: Path, seen: Observation) -> Sequence[Observation]:
    """Write ``seen`` behind the others, or into the last one that saw the same; return all.

    Checks may run at the same time, from a timer and by hand: each waits until the other has written.
    """
    with _alone(path):
        return _appended(path, seen)


def _appended(path: Path, seen: Observation) -> Sequence[Observation]:
    known = list(read(path))
    if known and known[-1].saw_the_same(seen):
        last = known.pop()
        seen = seen.model_copy(update={"first_at": last.first_at, "checks": last.checks + seen.checks})
    all_of_them = [*known, seen][-MOST:]
    write_text(path, "".join(f"{one.model_dump_json()}\n" for one in all_of_them), mode=0o600)
    return all_of_them


@contextmanager
def _alone(path: Path) -> Generator[None]:
    """Hold the journal's own lock; the kernel ends it with its holder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_suffix(".lock").open("a") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield
