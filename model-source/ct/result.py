"""What a training run hands on: ``result.json`` beside the bundle, and ``package.json`` once packaged."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationError

from homeostat import atomic
from homeostat.config import Document
from homeostat.errors import ConfigError
from homeostat.release import Commit, GateResult, ModelName, Outcome, Sha256
from homeostat.sentences import sentences
from serving.bundle import NATIVE, EngineChoice

RESULT_FILE = "result.json"
PACKAGE_FILE = "package.json"
BUNDLE_FOLDER = "bundle"


class CtResult(Document):
    """One judged candidate."""

    model: ModelName
    #: in the registry; None for a candidate that was refused, which is recorded as a run alone
    version: Annotated[int, Field(ge=1)] | None
    run_id: str
    model_sha256: Sha256
    data_sha256: Sha256
    inputs_digest: Sha256
    source_commit: Commit
    gates: tuple[GateResult, ...]
    #: with the SHA-256 of the graph, where there is one
    engine: EngineChoice = NATIVE
    #: the bundle's folder, relative to this file
    bundle: str = BUNDLE_FOLDER

    @property
    def refusals(self) -> tuple[GateResult, ...]:
        """The gates that said no."""
        return tuple(gate for gate in self.gates if gate.outcome is Outcome.FAILED)


class CtPackage(Document):
    """The packaged candidate."""

    bento_digest: Sha256
    #: where an image was built
    image_digest: str | None = None
    #: the model's own Dockerfile, relative to the repository; None for the one that BentoML wrote
    dockerfile: str | None = None


def write_result(result: CtResult, folder: Path) -> Path:
    """Write ``result.json`` into ``folder``; return its path."""
    path = folder / RESULT_FILE
    atomic.write_text(path, result.model_dump_json(indent=2) + "\n")
    return path


def read_result(path: Path) -> CtResult:
    """Read a ``result.json``.

    Raises:
        ConfigError: when it is missing or is none.
    """
    try:
        return CtResult.model_validate_json(path.read_bytes())
    except OSError as error:
        raise ConfigError(
            path, [f"can't be read ({error.strerror}); 'homeostat ct run' writes it."]
        ) from None
    except ValidationError as error:
        raise ConfigError(path, sentences(error, CtResult)) from None
