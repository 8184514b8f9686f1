"""What goes into one image: its recipe, its build context, and what else decides what comes of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from homeostat import digest
from infra.local.images.context import Context

_CONTAINERFILE = "Containerfile"


@dataclass(frozen=True, slots=True)
class Ingredients:
    """Everything that an image is made of."""

    #: the Containerfile, or the folder that holds it and what belongs to it
    recipe: Path
    context: Context
    #: digests of what is neither a file of ours nor a program
    besides: Sequence[tuple[str, str]]

    @property
    def containerfile(self) -> Path:
        """The Containerfile itself."""
        return self.recipe / _CONTAINERFILE if self.recipe.is_dir() else self.recipe

    def digest(self) -> str:
        """One digest over it all: with the same, the same image comes of it."""
        files = {"recipe": Context({"recipe": self.recipe}), "context": self.context}
        parts = [(name, found.digest()) for name, found in files.items() if found.content]
        return digest.of_parts([*parts, *self.besides])

    def taken(self, recipe: Path, context: Path) -> Ingredients:
        """The same as copies below ``recipe`` and ``context``, which nobody else writes.

        Raises:
            ImageError: when something is missing.
        """
        Context({"recipe": self.recipe}).taken(recipe)
        return Ingredients(recipe / "recipe", self.context.taken(context), self.besides)

    def lay_companions(self, folder: Path) -> None:
        """Copy what lies beside the Containerfile into the root of the build context ``folder``."""
        if self.recipe.is_dir():
            beside = (path for path in self.recipe.iterdir() if path.name != _CONTAINERFILE)
            Context({path.name: path for path in beside}).taken(folder)
