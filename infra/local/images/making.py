"""All images of the local cluster: the base, those of other projects, our own, and one for each model."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from infra.local.images.catalogue import MODEL_RECIPE, OWN, THIRD_PARTY, Image, OfDebian, tag
from infra.local.images.context import Context
from infra.local.images.record import Built
from infra.local.images.reference import by_digest, model_image, qualified
from infra.local.images.scanning import scan
from infra.local.images.workshop import Say, Workshop, standard_workshop

#: the tag by which buildah keeps what is known by its digest
_UNTAGGED = "built"
#: what the recipes print about Debian's package: an epoch, the program's version, Debian's revision
_DEBIAN_VERSION = re.compile(r"^debian-version (?:\d+:)?([^-\s]+)", re.MULTILINE)


class Place(Protocol):
    """What is asked of the place of the cluster."""

    @property
    def root(self) -> Path:
        """The repository."""
        ...

    @property
    def containerd_socket(self) -> Path:
        """Where containerd listens."""
        ...


@dataclass(frozen=True, slots=True)
class Made:
    """The images of one look at the sources: what is imported is what is pinned, whoever writes meanwhile."""

    #: the digest of each of our own, by the name that manifests write (``homeostat/triage``)
    own: Mapping[str, str]
    #: the digest of every one, by its whole name
    names: Mapping[str, str]


def build_all(place: Place, say: Say, workshop: Workshop | None = None) -> Made:
    """Build what changed.

    Raises:
        ImageError: when one can't be built.
        VulnerableImage: when the scanner refuses one of our own.
    """
    shop = workshop or standard_workshop(place.root)
    base = shop.base(place.root, say)
    built = _built(shop, place.root, base, say)
    for image, made in built.items():
        if image.is_own:
            say(scan(shop.buildah(say), made.name, shop.log(made.name)))
        elif isinstance(image.tag, OfDebian) and (other := _other_version(image.tag, shop.log(made.name))):
            say(f"{made.name} holds {other}: that is what Debian has now.")
    names = {
        by_digest(image.name, made.digest) if image.is_own else made.name: made.digest
        for image, made in built.items()
    }
    own = {image.name: made.digest for image, made in built.items() if image.is_own}
    return Made(own, {base.name: base.digest, **names})


def import_all(place: Place, made: Made, say: Say, workshop: Workshop | None = None) -> Sequence[str]:
    """Bring images into the containerd of ``place``, which runs; return the names that it lacked.

    Raises:
        ImageError: when containerd does not answer, or refuses them.
    """
    shop = workshop or standard_workshop(place.root)
    imported = shop.containerd(place.containerd_socket, say).take_missing(shop.layout, made.names)
    for name in imported:
        say(f"imported {name}")
    return imported


def build_model(
    bento: Path,
    model: str,
    place: Place,
    say: Say,
    containerfile: Path | None = None,
    workshop: Workshop | None = None,
) -> str:
    """Build the image that serves a bento, and import it; return its digest (``sha256:...``).

    Args:
        bento: the packaged bento, which is the build context.
        model: the model's name.
        place: the cluster that runs it.
        say: hears what is done.
        containerfile: the model's own, where it has one.
        workshop: where it is built; this user's by default.

    Raises:
        ImageError: when it can't be built or imported.
        VulnerableImage: when the scanner refuses it.
    """
    shop = workshop or standard_workshop(place.root)
    name = model_image(model)
    context = Context({path.name: path for path in bento.iterdir()})
    recipe = containerfile or place.root / MODEL_RECIPE
    base = shop.base(place.root, say)
    built = shop.image(f"{qualified(name)}:{bento.name[:16]}", recipe, context, base, say)
    say(scan(shop.buildah(say), built.name, shop.log(built.name)))
    image = {by_digest(name, built.digest): built.digest}
    shop.containerd(place.containerd_socket, say).take_missing(shop.layout, image)
    return built.digest


def _built(shop: Workshop, root: Path, base: Built, say: Say) -> Mapping[Image, Built]:
    built: dict[Image, Built] = {}
    for image in (*THIRD_PARTY, *OWN):
        name = f"{qualified(image.name)}:{tag(image, root) or _UNTAGGED}"
        built[image] = shop.image(name, root / image.recipe, _context(image, shop, root, say), base, say)
    return built


def _context(image: Image, shop: Workshop, root: Path, say: Say) -> Context:
    paths = {f"bin/{name}": shop.programs.get(name, say, source="go").path for name in image.programs}
    return Context({**{source: root / source for source in image.sources}, **paths})


def _other_version(tag: OfDebian, log: Path) -> str | None:
    """The version that the build found in Debian, when it is not the tag's."""
    told = _DEBIAN_VERSION.search(log.read_text(errors="replace")) if log.is_file() else None
    return told[1] if told and told[1] != tag.version else None
