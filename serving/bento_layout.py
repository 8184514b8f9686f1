"""Where things lie inside of an exported bento, and whether it is still the one that was packaged.

A server needs only this to trust a bento; making one is :mod:`serving.bento`'s.
"""

from __future__ import annotations

from pathlib import Path

from homeostat.digest import of_tree
from serving.errors import BundleError, WrongDigest

#: BentoML's folder for the packed sources
SOURCE = "src"
#: the bundle among them
BUNDLE = "model"


def source_directory(bento: Path) -> Path:
    """The packed sources: the ``serving`` and ``homeostat`` packages as they were at packaging."""
    return bento / SOURCE


def bundle_directory(bento: Path) -> Path:
    """The packed model bundle."""
    return bento / SOURCE / BUNDLE


def verify_bento(bento: Path, expected_digest: str) -> None:
    """Make sure that every file of the bento is the one that was packaged.

    Raises:
        BundleError: when there is no bento in that folder.
        WrongDigest: when a file was changed, added or removed.
    """
    if not (bento / "bento.yaml").is_file():
        raise BundleError(f"{bento} is not a bento: package the model again (it has no bento.yaml).")
    found = of_tree(bento)
    if found != expected_digest:
        raise WrongDigest(f"The bento in {bento}", expected_digest, found)
