"""The stage ``image``: from packaged bentos to the images that a cluster runs."""

from __future__ import annotations

from pathlib import Path

from ct.result import PACKAGE_FILE, RESULT_FILE, CtPackage, read_result
from delivery.places.place import Packaged, Place, Say
from delivery.stages import StageOutcome, Verdict
from homeostat import atomic, config


def build_images(results: Path, bentos: Path, root: Path, place: Place, say: Say) -> Verdict:
    """Make the image of every packaged model, and write its digest where the hand-off reads it.

    Args:
        results: what packaging left.
        bentos: the packaged bentos by digest.
        root: the repository, which a model's own Containerfile is relative to.
        place: what serves.
        say: is told what is done.

    Raises:
        MachineError: when one can't be built.
    """
    built: list[str] = []
    packages = sorted(results.glob(f"*/{PACKAGE_FILE}"))
    for path in packages:
        packaged = config.load(path, CtPackage)
        model = read_result(path.with_name(RESULT_FILE)).model
        own = root / packaged.dockerfile if packaged.dockerfile else None
        digest = place.image(Packaged(model, bentos / packaged.bento_digest, own), say)
        if digest:
            with_image = packaged.model_copy(update={"image_digest": digest})
            atomic.write_text(path, with_image.model_dump_json(indent=2) + "\n")
            built.append(f"{model} is {digest[:19]}.")
    if built:
        return Verdict(outcome=StageOutcome.PASSED, sentence=" ".join(built))
    why = "this place serves bentos as they are." if packages else "no model was packaged."
    return Verdict(outcome=StageOutcome.SKIPPED, sentence=why)
