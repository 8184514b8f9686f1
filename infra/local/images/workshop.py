"""Where images are made: one at a time, and only when something that goes in has changed.

It lies in the user's cache, outside of every clone: the next clone, and the next cluster, need not build.
"""

from __future__ import annotations

import fcntl
import shutil
import tempfile
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from homeostat.paths import state_directory
from infra.local.images import base
from infra.local.images.access import write_secrets
from infra.local.images.buildah import TIMESTAMP, Buildah
from infra.local.images.catalogue import BASE
from infra.local.images.context import Context
from infra.local.images.debian_sources import machine_sources
from infra.local.images.importing import Containerd
from infra.local.images.ingredients import Ingredients
from infra.local.images.layout import Layout
from infra.local.images.record import Built, Records
from infra.local.images.reference import qualified
from infra.programs.obtain import Programs, cache_folder, standard_programs

Say = Callable[[str], None]
#: makes an image of what was taken; the second is the build context, the third the log
Make = Callable[[Ingredients, Path, Path], None]


@dataclass(frozen=True, slots=True)
class Workshop:
    """The images below ``folder``, and how they are made."""

    folder: Path
    programs: Programs

    def buildah(self, say: Say) -> Buildah:
        """What builds, with the layers that builds share.

        Raises:
            MachineError: when there is none.
        """
        return Buildah(self.folder / "buildah", self.programs.get("buildah", say).path)

    def containerd(self, socket: Path, say: Say) -> Containerd:
        """The containerd that listens at ``socket``.

        Raises:
            MachineError: when its client can't be had.
        """
        return Containerd(self.programs.get("ctr", say).path, socket)

    @property
    def layout(self) -> Layout:
        """The finished images."""
        return Layout(self.folder / "layout")

    @property
    def records(self) -> Records:
        """What they were made of."""
        return Records(self.folder / "records")

    def base(self, root: Path, say: Say) -> Built:
        """The base image, made when there is none of this recipe.

        Args:
            root: the repository.
            say: hears what is done.

        Raises:
            ImageError: when it can't be made.
        """
        given = Ingredients(root / base.RECIPE, Context({}), (("root", base.inputs()), ("time", TIMESTAMP)))

        def make(taken: Ingredients, work: Path, log: Path) -> None:
            with self._secrets() as secrets:
                debootstrap = self.programs.get("debootstrap", say).path
                base.write_root(work, debootstrap, machine_sources(), secrets, log, say)
                self.buildah(say).build(taken.containerfile, work, qualified(BASE), {}, log)

        return self._once(qualified(BASE), given, make, say)

    def image(self, name: str, recipe: Path, context: Context, under: Built, say: Say) -> Built:
        """The image ``name`` of one Containerfile and one build context, made when anything of it changed.

        Args:
            name: the whole name, with a tag.
            under: the base image, made before.
            recipe: the Containerfile, or the folder that holds it and what belongs to it.
            context: what it copies.
            say: hears what is done.

        Raises:
            ImageError: when it can't be made.
        """
        given = Ingredients(recipe, context, (("base", under.digest), ("time", TIMESTAMP)))

        def make(taken: Ingredients, work: Path, log: Path) -> None:
            with self._secrets() as secrets:
                taken.lay_companions(work)
                self.buildah(say).build(taken.containerfile, work, name, secrets, log)

        return self._once(name, given, make, say)

    def log(self, name: str) -> Path:
        """Where the last build of ``name`` wrote what it did."""
        return self.folder / "logs" / f"{name.replace('/', '_').replace(':', '_')}.log"

    def _once(self, name: str, given: Ingredients, make: Make, say: Say) -> Built:
        with self._locked(say):
            if known := self._known(name, given.digest()):
                return known
            with self._work() as work, self._work() as recipe:
                # it is known by the digest of what it is made of, not of what that has become meanwhile
                taken = given.taken(recipe, work)
                inputs = taken.digest()
                return self._known(name, inputs) or self._now(
                    name, inputs, lambda log: make(taken, work, log), say
                )

    def _known(self, name: str, inputs: str) -> Built | None:
        known = self.records.find(name, inputs)
        return known if known and self.layout.has(known.digest) else None

    def _now(self, name: str, inputs: str, make: Callable[[Path], None], say: Say) -> Built:
        log = self.log(name)
        log.unlink(missing_ok=True)
        say(f"building {name} (log: {log})")
        began = time.monotonic()
        make(log)
        made = self.buildah(say).push(name, self.layout.destination(name), log)
        seconds = round(time.monotonic() - began, 1)
        built = Built(
            name=name, inputs=inputs, digest=made, size_bytes=self.layout.size_bytes(made), seconds=seconds
        )
        self.records.keep(built)
        say(f"built {name} in {seconds:.0f} s ({built.size_bytes / 1e6:.0f} MB)")
        return built

    @contextmanager
    def _locked(self, say: Say) -> Generator[None]:
        """Let one process at a time build: the next finds what the first made."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "lock").open("a") as stream:
            try:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                say("waiting for another build of images")
                fcntl.flock(stream, fcntl.LOCK_EX)
            # of killed builds
            for left in self.folder.glob(".work-*"):
                shutil.rmtree(left)
            yield

    @contextmanager
    def _work(self) -> Generator[Path]:
        """A folder on the disk that has room for images."""
        with tempfile.TemporaryDirectory(prefix=".work-", dir=self.folder) as folder:
            yield Path(folder)

    @contextmanager
    def _secrets(self) -> Generator[Mapping[str, Path]]:
        with tempfile.TemporaryDirectory(prefix="homeostat-access-") as folder:
            yield write_secrets(Path(folder) / "secrets", machine_sources())


def standard_workshop(root: Path) -> Workshop:
    """The workshop in this user's cache, with the programs of the repository at ``root``."""
    programs = standard_programs(root, state_directory(root) / "programs")
    return Workshop(cache_folder().parent / "images", programs)
