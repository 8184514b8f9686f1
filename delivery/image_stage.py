"""The stage ``image``: from packaged bentos to the images that a cluster runs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ct.result import PACKAGE_FILE, RESULT_FILE, CtPackage, read_result
from delivery.places.place import Place
from delivery.stages import StageOutcome, Verdict
from homeostat import atomic, config


def build_images(results: Path, bentos: Path, place: Place, say: Callable[[str], None]) -> Verdict:
    """Make the image of every packaged model, and write its digest where the hand-off reads it.

    Raises:
        MachineError: when one can't be built.
    """
    built: list[str] = []
    packages = sorted(results.glob(f"*/{PACKAGE_FILE}"))
    for path in packages:
        packaged = config.load(path, CtPackage)
        model = read_result(path.with_name(RESULT_FILE)).model
        digest = place.image(bentos / packaged.bento_digest, model, say)
        if digest:
            with_image = packaged.model_copy(update={"image_digest": digest})
            atomic.write_text(path, with_image.model_dump_json(indent=2) + "\n")
            built.append(f"{model} is {digest[:19]}.")
    if built:
        return Verdict(outcome=StageOutcome.PASSED, sentence=" ".join(built))
    why = "this place serves bentos as they are." if packages else "no model was packaged."
    return Verdict(outcome=StageOutcome.SKIPPED, sentence=why)
