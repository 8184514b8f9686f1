"""Programs built from the Go modules that ``tools/<family>/go.mod`` and ``go.sum`` pin by hash.

A build takes minutes, so it is kept in the user's cache under the hash of its pins: the next clone need not
build.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from homeostat import digest
from homeostat.errors import MachineError
from infra import disk
from infra.programs.obtaining_command import Commands
from infra.programs.program import (
    GoPackage,
    Obtained,
    Program,
    Say,
    Unavailable,
    examine,
    require_supported,
)
from infra.programs.version import find_version, shown

LIMIT_SECONDS = 1800
#: without cgo a program is linked statically: it runs on any Linux, and in an image that holds nothing else
_VARIABLES = {"CGO_ENABLED": "0", "GOFLAGS": "-mod=readonly", "GOWORK": "off"}
_PROMETHEUS_MODULE = "github.com/prometheus/prometheus"


@dataclass(frozen=True, slots=True)
class GoModule:
    """The source ``go``: builds from ``tools`` into ``cache``."""

    tools: Path
    cache: Path
    name: str = "go"

    def obtain(self, program: Program, say: Say) -> Obtained:
        """Build the program unless the cache holds it for just these pins."""
        package = program.go
        if package is None:
            raise Unavailable("no Go module of it is pinned.")
        module = self.tools / package.family
        if not (module / "go.mod").is_file():
            raise Unavailable(f"{module} has no go.mod.")
        path = self.cache / f"{package.family}-{_pins(module)}" / program.name
        if not path.exists():
            _build(package, module, path, say)
        version = find_version(program_version(package, _pinned(module, package.module)))
        require_supported(program, path, version)
        examine(program, path)
        return Obtained(path, shown(version) if version else "unknown", self.name)


def _pins(module: Path) -> str:
    files = [path for path in (module / "go.mod", module / "go.sum") if path.exists()]
    parts = [(path.name, digest.of_file(path)) for path in files]
    return digest.of_parts([*parts, *_VARIABLES.items()])[:16]


def _pinned(module: Path, name: str) -> str:
    """The version at which go.mod pins the module ``name``."""
    for line in (module / "go.mod").read_text(encoding="utf-8").splitlines():
        words = line.removeprefix("require").split()
        if len(words) >= 2 and words[0] == name:
            return words[1]
    raise Unavailable(f"{module / 'go.mod'} does not require {name}.")


def pinned_version(program: Program, tools: Path) -> str:
    """The version of ``program`` that ``tools`` pins, without building it.

    Raises:
        MachineError: when none is pinned.
    """
    if program.go is None:
        raise MachineError(f"no Go module of {program.name} is pinned.")
    try:
        return program_version(program.go, _pinned(tools / program.go.family, program.go.module))
    except (Unavailable, FileNotFoundError) as reason:
        raise MachineError(f"{program.name} has no pinned version: {reason}") from None


def program_version(package: GoPackage, pinned: str) -> str:
    """The program's version for the module's: Prometheus 3.5.1 is the module v0.305.1."""
    if package.module != _PROMETHEUS_MODULE:
        return pinned.removeprefix("v")
    _, minor, patch = (int(part) for part in pinned.removeprefix("v").split("-")[0].split("."))
    return f"{minor // 100}.{minor % 100}.{patch}"


def _build(package: GoPackage, module: Path, path: Path, say: Say) -> None:
    if shutil.which("go") is None:
        raise Unavailable("go is not on PATH.")
    version = program_version(package, _pinned(module, package.module))
    say(f"building {path.name} {version} from source (minutes, once)")
    stamp = f" -X {package.version_variable}={package.stamp}{version}" if package.version_variable else ""
    flags = f"-s -w{stamp}"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=".unfinished-") as name:
            built = Path(name) / path.name
            build = ["go", "build", "-trimpath", "-ldflags", flags, "-o", str(built)]
            _COMMANDS.run([*build, package.package], module)
            built.replace(path)
    except OSError as error:
        raise Unavailable(disk.explain(error, path.parent)) from None


def _reason(lines: Sequence[str]) -> str:
    said = [line for line in lines if not line.startswith("go: downloading")]
    return f"go build failed: {(said or lines)[-1]}"


_COMMANDS = Commands(LIMIT_SECONDS, _reason, _VARIABLES)
