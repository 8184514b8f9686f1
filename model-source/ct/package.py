"""From a judged candidate to a packaged one."""

from __future__ import annotations

from pathlib import Path

from ct.errors import GateRefused
from ct.result import PACKAGE_FILE, CtPackage, read_result
from ct.spec import MODELS, find_spec
from homeostat import atomic, digest
from homeostat.errors import Refused
from serving.bento import build_bento
from serving.bundle import MANIFEST_FILE, MODEL_FILE, read_manifest


def package_candidate(result_path: Path, store: Path, root: Path) -> CtPackage:
    """Build the bento of the run that ``result_path`` tells about into ``store``; write ``package.json``.

    Args:
        result_path: what training left.
        store: the bentos by digest.
        root: the repository, whose ``model.yaml`` says which Dockerfile makes the image.

    Raises:
        GateRefused: when a gate refused the candidate.
        Refused: when the bundle's bytes are not those that the gates judged, or another engine serves it.
    """
    result = read_result(result_path)
    if result.refusals:
        raise GateRefused(result.model, [gate.sentence for gate in result.refusals])
    bundle = result_path.parent / result.bundle
    if (found := digest.of_file(bundle / MODEL_FILE)) != result.model_sha256:
        raise Refused(
            f"{bundle / MODEL_FILE} has SHA-256 {found}, but the gates judged {result.model_sha256}: "
            "train again."
        )
    if read_manifest(bundle).engine != result.engine:
        raise Refused(
            f"{bundle / MANIFEST_FILE} names another engine than the one that the gates judged: train again."
        )
    own = find_spec(root, result.model).dockerfile
    packaged = CtPackage(
        bento_digest=build_bento(bundle, store),
        dockerfile=(MODELS / result.model / own).as_posix() if own else None,
    )
    atomic.write_text(result_path.parent / PACKAGE_FILE, packaged.model_dump_json(indent=2) + "\n")
    return packaged
