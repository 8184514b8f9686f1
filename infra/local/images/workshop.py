"""Where images are made: one at a time, and only when something that goes in has changed.

It lies in the user's cache, outside of every clone: the next clone, and the next cluster, need not build.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from homeostat import digest
from infra.local.images.access import write_secrets
from infra.local.images.base import build_base
from infra.local.images.base import inputs as base_inputs
from infra.local.images.buildah import TIMESTAMP, Buildah
from infra.local.images.catalogue import BASE
from infra.local.images.context import Context
from infra.local.images.debian_sources import machine_sources
from infra.local.images.layout import Layout
from infra.local.images.record import Built, Records
from infra.local.images.reference import qualified
from infra.programs.obtain import cache_folder

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Workshop:
    """The images below ``folder``, and how they are made."""

    folder: Path
    buildah: Buildah = field(init=False)
    layout: Layout = field(init=False)
    records: Records = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "buildah", Buildah(self.folder / "buildah"))
        object.__setattr__(self, "layout", Layout(self.folder / "layout"))
        object.__setattr__(self, "records", Records(self.folder / "records"))

    def base(self, say: Say) -> Built:
        """The base image, made when there is none of this recipe.

        Raises:
            ImageError: when it can't be made.
        """
        name = qualified(BASE)

        def make(log: Path) -> None:
            with self._secrets() as secrets:
                build_base(self.buildah, machine_sources(), secrets, log, say)

        return self._once(name, digest.of_parts([("base", base_inputs()), ("time", TIMESTAMP)]), make, say)

    def image(self, name: str, recipe: Path, context: Context, say: Say) -> Built:
        """The image ``name`` of one Containerfile and one build context, made when anything of it changed.

        Args:
            name: the whole name, with a tag.
            recipe: the Containerfile, or the folder that holds it and what belongs to it.
            context: what it copies.
            say: hears what is done.

        Raises:
            ImageError: when it can't be made.
        """
        containerfile = recipe / "Containerfile" if recipe.is_dir() else recipe
        beside = Context({"recipe": recipe})
        base = self.base(say)
        parts = [("recipe", beside.digest()), ("context", context.digest()), ("base", base.digest)]

        def make(log: Path) -> None:
            with self._secrets() as secrets, tempfile.TemporaryDirectory(prefix="homeostat-image-") as work:
                whole = Context({**context.content, **_companions(recipe)})
                whole.lay_out(Path(work))
                self.buildah.build(containerfile, Path(work), name, secrets, log)

        return self._once(name, digest.of_parts([*parts, ("time", TIMESTAMP)]), make, say)

    def log(self, name: str) -> Path:
        """Where the last build of ``name`` wrote what it did."""
        return self.folder / "logs" / f"{name.replace('/', '_').replace(':', '_')}.log"

    def _once(self, name: str, inputs: str, make: Callable[[Path], None], say: Say) -> Built:
        known = self.records.find(name, inputs)
        if known and self.layout.has(known.digest):
            return known
        log = self.log(name)
        log.unlink(missing_ok=True)
        say(f"building {name} (log: {log})")
        began = time.monotonic()
        make(log)
        made = self.buildah.push(name, self.layout.destination(name), log)
        seconds = round(time.monotonic() - began, 1)
        built = Built(
            name=name, inputs=inputs, digest=made, size_bytes=self.layout.size_bytes(made), seconds=seconds
        )
        self.records.keep(built)
        say(f"built {name} in {seconds:.0f} s ({built.size_bytes / 1e6:.0f} MB)")
        return built

    @contextmanager
    def _secrets(self) -> Generator[Mapping[str, Path]]:
        with tempfile.TemporaryDirectory(prefix="homeostat-access-") as folder:
            yield write_secrets(Path(folder) / "secrets", machine_sources())


def standard_workshop() -> Workshop:
    """The workshop in this user's cache."""
    return Workshop(cache_folder().parent / "images")


def _companions(recipe: Path) -> Mapping[str, Path]:
    """What lies beside a Containerfile, for the root of the build context."""
    if not recipe.is_dir():
        return {}
    return {path.name: path for path in recipe.iterdir() if path.name != "Containerfile"}
