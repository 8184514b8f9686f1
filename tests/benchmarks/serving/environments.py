"""An environment of its own for every peer, made by uv from hashed requirements, in the user's cache."""

from __future__ import annotations

import fcntl
import shutil
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from homeostat import digest
from infra.programs.obtain import cache_folder

PEERS = Path(__file__).parent / "peers"
ROOT = Path(__file__).parents[3]
LIMIT_SECONDS = 900


class NotToBeHad(Exception):  # noqa: N818 - the report says it, it is no malfunction of ours
    """A peer or a tool that can't be used here, with the reason for the report."""


def benchmarks_cache() -> Path:
    """Where what the benchmarks need is kept, beside the platform's own programs."""
    folder = cache_folder().parent / "benchmarks"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def python_of(name: str) -> Path:
    """The interpreter of the peer's environment, made when it is missing or its requirements changed.

    Raises:
        NotToBeHad: with the last line of what uv said.
    """
    lock = PEERS / name / "requirements.txt"
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    wanted = digest.of_parts([("lock", digest.of_file(lock)), ("python", version)])[:16]
    cache = benchmarks_cache()
    folder = cache / f"{name}-{wanted}"
    with _locked(cache / f".{name}.lock"):
        if not (folder / ".complete").exists():
            _make(folder, lock)
        for stale in cache.glob(f"{name}-*"):
            if stale != folder:
                shutil.rmtree(stale, ignore_errors=True)
    return folder / "bin" / "python"


def _make(folder: Path, lock: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    _uv("venv", "--quiet", "--python", sys.executable, str(folder))
    python = str(folder / "bin" / "python")
    _uv("pip", "sync", "--quiet", "--require-hashes", "--python", python, str(lock))
    (folder / ".complete").touch()


def _uv(*arguments: str) -> None:
    program = Path(sys.executable).parent / "uv"
    command = [str(program), *arguments]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotToBeHad(f"its environment could not be made: {error}") from None
    if done.returncode != 0:
        said = done.stderr.strip().splitlines() or ["nothing"]
        raise NotToBeHad(f"its environment could not be made: uv said {said[-1].strip()!r}")


@contextmanager
def _locked(path: Path) -> Generator[None]:
    with path.open("a") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield
