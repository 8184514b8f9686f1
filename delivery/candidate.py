"""What training and packaging leave for the hand-off, and whether it may reach traffic."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ct.result import PACKAGE_FILE, RESULT_FILE, CtPackage, CtResult, read_result
from delivery.errors import HandOffRefused
from homeostat import config, digest
from homeostat.release import GateResult, Outcome, Release
from serving.bundle import MODEL_FILE


def result_folders(results: Path) -> tuple[Path, ...]:
    """The folders of the models that were trained, in the order of their names."""
    return tuple(sorted(path.parent for path in results.glob(f"*/{RESULT_FILE}")))


def objections(gates: Sequence[GateResult]) -> tuple[str, ...]:
    """Why these gates don't let a model pass: one sentence for each that failed, or for there being none."""
    if not gates:
        return ("no gate judged it.",)
    return tuple(gate.sentence for gate in gates if gate.outcome is Outcome.FAILED)


def read_candidate(folder: Path, bentos: Path) -> Release:
    """The release that the candidate in ``folder`` asks for; its packaged bytes lie below ``bentos``.

    Raises:
        HandOffRefused: when a gate said no, none said anything, it was not registered, or the package
            doesn't hold the bytes that were gated.
        ConfigError: when a file is missing or says something that it may not.
    """
    result = read_result(folder / RESULT_FILE)
    if reasons := objections(result.gates):
        raise HandOffRefused(f"{result.model} is not handed off: {' '.join(reasons)}")
    packaged = config.load(folder / PACKAGE_FILE, CtPackage)
    release = _release(result, packaged, folder / RESULT_FILE)
    _require_gated_bytes(release, bentos / release.bento_digest)
    return release


def _release(result: CtResult, packaged: CtPackage, source: Path) -> Release:
    if result.version is None:
        raise HandOffRefused(f"{result.model} is not handed off: it has no version in the model registry.")
    made = result.model_dump(mode="json") | packaged.model_dump(mode="json")
    known = {name: value for name, value in made.items() if name in Release.model_fields}
    return config.parse(known, Release, source)


def _require_gated_bytes(release: Release, bento: Path) -> None:
    models = sorted(bento.rglob(MODEL_FILE)) if bento.is_dir() else []
    if len(models) != 1:
        found = f"has {len(models)} files named {MODEL_FILE}, not one" if bento.is_dir() else "does not exist"
        raise HandOffRefused(f"{release.model} is not handed off: its package {bento} {found}.")
    packaged = digest.of_file(models[0])
    if packaged != release.model_sha256:
        raise HandOffRefused(
            f"{release.model} is not handed off: the packaged model has the SHA-256 {packaged}, but the gates"
            f" judged {release.model_sha256}."
        )
