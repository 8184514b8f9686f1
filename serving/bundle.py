"""The model bundle: what training hands to serving, and the only thing that serving loads.

A folder with two or three files::

    model.pkl    pickle of a fitted estimator that follows scikit-learn's API, of classes of
                 scikit-learn, XGBoost, LightGBM and numpy only
    model.json   the :class:`BundleManifest`: what the estimator expects and answers
    model.onnx   where it was shown to answer the same: the graph that ONNX Runtime serves in its stead

The estimator is fitted on a float64 array whose columns are ``features`` in their order (an array, not a data
frame), and the columns of its ``predict_proba`` are ``classes`` in their order. The bundle does not know its
version: that is given at registration, afterwards, so a release names it and the same training gives the same
bundle.

A pickle can run anything, so :func:`load_bundle` compares its SHA-256 with the one that was gated before a
single byte of it is interpreted. The graph's SHA-256 stands in ``model.json`` and is compared just so.
"""

from __future__ import annotations

import pickle  # nosec B403 - only bytes whose SHA-256 was gated are loaded
from dataclasses import dataclass
from enum import StrEnum
from io import BytesIO
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import Field, StrictInt, StrictStr, ValidationError, model_validator

from homeostat import atomic, digest
from homeostat.config import Document
from homeostat.release import ModelName, Sha256
from homeostat.sentences import sentences
from serving.errors import BundleError, WrongDigest

MODEL_FILE = "model.pkl"
MANIFEST_FILE = "model.json"
GRAPH_FILE = "model.onnx"
PICKLE_PROTOCOL = 5
#: what a bundle may be made of
PACKAGES = (
    "sklearn",
    "xgboost",
    "lightgbm",
    "numpy",
    "scipy",
    "builtins",
    "collections",
    "copyreg",
    "functools",
)

FeatureName = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_.-]{0,127}$")]


class FeatureType(StrEnum):
    """What a feature's values are; all reach the estimator as float64."""

    FLOAT = "float64"
    INTEGER = "int64"
    BOOLEAN = "bool"


class Task(StrEnum):
    """What the model decides."""

    BINARY = "binary"
    MULTICLASS = "multiclass"


class MissingValues(StrEnum):
    """What happens to a request with a missing value (JSON ``null`` or NaN)."""

    #: it is refused, whatever the feature
    REFUSE = "refuse"
    #: NaN reaches the estimator, which can handle it, in the features that are ``nullable``
    ACCEPT = "accept"


class OutOfRange(StrEnum):
    """What the estimator sees of a value outside of its feature's range; it is answered and counted."""

    #: the nearest end of the range: right where the world may move on a little
    CLIP = "clip"
    #: nothing (NaN): right where such a value is an error, such as a sentinel
    MISSING = "missing"


class FeatureSpec(Document):
    """One input column.

    A value outside of ``min`` and ``max`` (both inclusive, None for unbounded) is answered and counted, since
    the world may move away from the training data; a value of another type is refused.
    """

    name: FeatureName
    dtype: FeatureType = FeatureType.FLOAT
    min: float | None = None
    max: float | None = None
    nullable: bool = False
    #: no value of it is ever kept, such as in the captured requests
    private: bool = False

    @model_validator(mode="after")
    def _range_is_not_empty(self) -> Self:
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError(f"feature {self.name}: min {self.min:g} must not be above max {self.max:g}")
        return self


class EngineKind(StrEnum):
    """What computes the probabilities."""

    #: the pickled estimator, by its own library
    NATIVE = "native"
    #: the estimator as a graph, by ONNX Runtime
    ONNX = "onnx"


class EngineChoice(Document):
    """Which engine serves the model, as training found it."""

    kind: EngineKind
    #: of ``model.onnx``
    onnx_sha256: Sha256 | None = None
    #: one sentence for people
    why: str

    @model_validator(mode="after")
    def _graph_belongs_to_onnx(self) -> Self:
        if (self.kind is EngineKind.ONNX) != (self.onnx_sha256 is not None):
            raise ValueError("onnx_sha256 is needed by the engine onnx, and by it alone")
        return self


#: of bundles that say nothing about it
NATIVE = EngineChoice(kind=EngineKind.NATIVE, why="no other engine was tried")


class BundleManifest(Document):
    """``model.json``: what the estimator of a bundle expects and answers."""

    model: ModelName
    task: Task
    features: tuple[FeatureSpec, ...] = Field(min_length=1)
    #: the labels, in the order of the columns of ``predict_proba``
    classes: tuple[StrictInt | StrictStr, ...] = Field(min_length=2)
    #: binary only: the class that is answered when its probability reaches ``threshold``
    positive_class: StrictInt | StrictStr | None = None
    threshold: float | None = Field(default=None, ge=0, le=1)
    missing_values: MissingValues = MissingValues.REFUSE
    out_of_range: OutOfRange = OutOfRange.CLIP
    #: rows that one request may hold
    max_batch: int = Field(default=1024, ge=1, le=100_000)
    #: of each feature over its training values, None for one without any; what explanations compare with
    means: tuple[float | None, ...] | None = None
    engine: EngineChoice = NATIVE

    @property
    def files(self) -> tuple[str, ...]:
        """The names of the files that make up the bundle."""
        graph = (GRAPH_FILE,) if self.engine.kind is EngineKind.ONNX else ()
        return (MODEL_FILE, MANIFEST_FILE, *graph)

    @property
    def feature_names(self) -> tuple[str, ...]:
        """The columns, in the order that the estimator expects."""
        return tuple(feature.name for feature in self.features)

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        names = self.feature_names
        if self.means is not None and len(self.means) != len(names):
            raise ValueError(f"means: {len(self.means)} are given for {len(names)} features")
        if doubled := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"features: {doubled[0]} is listed twice, every name must be unique")
        if len(set(self.classes)) != len(self.classes) or len({type(label) for label in self.classes}) != 1:
            raise ValueError(f"classes: {list(self.classes)} must be distinct and all texts or all integers")
        if self.task is Task.BINARY:
            if len(self.classes) != 2 or self.positive_class not in self.classes or self.threshold is None:
                raise ValueError(
                    "a binary task needs two classes, one of them positive_class, and a threshold"
                )
        elif self.positive_class is not None or self.threshold is not None:
            raise ValueError("positive_class and threshold are for a binary task only")
        if self.out_of_range is OutOfRange.MISSING and self.missing_values is MissingValues.REFUSE:
            raise ValueError("out_of_range: missing needs missing_values: accept")
        return self


@dataclass(frozen=True, slots=True)
class Bundle:
    """A loaded bundle, its bytes verified."""

    manifest: BundleManifest
    estimator: Any
    model_sha256: str
    #: what ``model.onnx`` holds, where the manifest names it
    graph: bytes | None = None


def save_bundle(
    directory: Path, estimator: object, manifest: BundleManifest, graph: bytes | None = None
) -> str:
    """Write the bundle into ``directory`` (made when missing); return the SHA-256 of its model.

    Args:
        directory: where to.
        estimator: a fitted one.
        manifest: what it expects and answers, and which engine serves it.
        graph: what ``model.onnx`` holds where ``manifest.engine`` is onnx.

    Raises:
        BundleError: when the estimator can't be pickled, or the graph is not the one that the manifest names.
    """
    if (digest.of_bytes(graph) if graph is not None else None) != manifest.engine.onnx_sha256:
        raise BundleError(f"The graph of {manifest.model} is not the one that its manifest names.")
    content = deterministic_pickle(estimator)
    atomic.write_bytes(directory / MODEL_FILE, content)
    if graph is not None:
        atomic.write_bytes(directory / GRAPH_FILE, graph)
    atomic.write_text(directory / MANIFEST_FILE, manifest.model_dump_json(indent=2) + "\n")
    return digest.of_bytes(content)


def deterministic_pickle(estimator: object) -> bytes:
    """The same bytes for equal estimators of equal programs.

    A pickle also records which equal strings are one object, which differs between a fresh and a loaded
    estimator; the round trip settles that, and shows that the bytes load.

    Raises:
        BundleError: when the estimator can't be pickled and loaded again.
    """
    try:
        first = pickle.dumps(estimator, protocol=PICKLE_PROTOCOL)
        return pickle.dumps(_Reader(BytesIO(first)).load(), protocol=PICKLE_PROTOCOL)
    except (pickle.PicklingError, pickle.UnpicklingError, AttributeError, TypeError) as error:
        raise BundleError(f"{type(estimator).__name__} can't be pickled: {error}.") from error


def read_manifest(directory: Path) -> BundleManifest:
    """Read ``model.json`` alone, without the estimator.

    Raises:
        BundleError: when it is missing or says something that it may not.
    """
    path = directory / MANIFEST_FILE
    try:
        return BundleManifest.model_validate_json(path.read_bytes())
    except OSError as error:
        raise BundleError(f"{path} can't be read ({error.strerror}): a bundle needs it.") from error
    except ValidationError as error:
        raise BundleError("\n".join(f"{path}: {line}" for line in sentences(error, BundleManifest))) from None


def load_bundle(directory: Path, expected_sha256: str) -> Bundle:
    """Load the bundle in ``directory`` if its model is the one that was gated.

    Args:
        directory: the folder with ``model.pkl`` and ``model.json``.
        expected_sha256: lower-case hexadecimal SHA-256 of ``model.pkl``, from the release.

    Raises:
        WrongDigest: when the model's bytes are others, or the graph's than the manifest names; nothing of
            those has been interpreted then.
        BundleError: when a file is missing or does not hold what it should.
    """
    manifest = read_manifest(directory)
    path = directory / MODEL_FILE
    content = _verified(path, "model", expected_sha256)
    return Bundle(manifest, _unpickle(content, path), expected_sha256, read_graph(directory, manifest))


def read_graph(directory: Path, manifest: BundleManifest) -> bytes | None:
    """The bytes of ``model.onnx`` in ``directory``, None where ``manifest`` names no graph.

    Raises:
        WrongDigest: when they are not the ones that the manifest names.
        BundleError: when the file can't be read.
    """
    expected = manifest.engine.onnx_sha256
    return None if expected is None else _verified(directory / GRAPH_FILE, "graph", expected)


def _verified(path: Path, called: str, expected_sha256: str) -> bytes:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BundleError(f"{path} can't be read ({error.strerror}): a bundle needs it.") from error
    # The bytes that were hashed are the ones that are used: reading the file again would leave a gap.
    found = digest.of_bytes(content)
    if found != expected_sha256:
        raise WrongDigest(f"The {called} in {path}", expected_sha256, found)
    return content


class _Reader(pickle.Unpickler):
    """Refuses what the serving image lacks, already where training writes it.

    No sandbox: what keeps strangers' code out is the SHA-256.
    """

    def find_class(self, module: str, name: str) -> Any:
        """Look up a class or function that the pickle names."""
        if module.partition(".")[0] not in PACKAGES:
            raise pickle.UnpicklingError(
                f"it needs {module}.{name}, but the serving image has {', '.join(PACKAGES)} only"
            )
        return super().find_class(module, name)


def _unpickle(content: bytes, path: Path) -> Any:
    try:
        estimator = _Reader(BytesIO(content)).load()
    except Exception as error:
        # A pickle raises whatever its classes raise; all of it means that the image lacks what it needs.
        raise BundleError(f"{path} can't be loaded ({type(error).__name__}: {error}).") from error
    if not hasattr(estimator, "predict_proba"):
        raise BundleError(f"{path} holds a {type(estimator).__name__}, which has no predict_proba.")
    return estimator
