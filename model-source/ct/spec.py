"""``model.yaml``: everything that a data scientist declares about one model.

A model is a folder ``model-source/<name>/`` with this file, and code only where declaring is not enough: a
loader for the data, or candidates of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from typing import Annotated, Self

from pydantic import AfterValidator, Field, StrictInt, StrictStr, field_validator, model_validator

from ct.metric_name import MetricName
from homeostat.config import ConfigFile, Document, load
from homeostat.errors import ConfigError
from homeostat.release import ModelName, Sha256
from lifecycle.gates.bounds import GateBounds
from serving.bundle import BundleManifest, FeatureSpec, MissingValues, OutOfRange, Task

MODELS = Path("model-source")
FILE_NAME = "model.yaml"

Label = StrictInt | StrictStr


def _code_reference(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*", text):
        raise ValueError("must be module:function, such as wine.train:load")
    return text


def _data_path(text: str) -> str:
    path = PurePosixPath(text)
    if path.is_absolute() or ".." in path.parts or path.suffix not in {".csv", ".parquet"}:
        raise ValueError("must be a .csv or .parquet file inside the model's folder")
    return text


CodeReference = Annotated[str, AfterValidator(_code_reference)]
DataPath = Annotated[str, AfterValidator(_data_path)]


class DeclaredFeature(FeatureSpec):
    """One input column, with what its training data must obey beyond what is served."""

    #: the only values that the training data may hold, where there are few
    allowed: tuple[float, ...] | None = None

    def served(self) -> FeatureSpec:
        """The part that the endpoint needs."""
        return FeatureSpec(**self.model_dump(exclude={"allowed"}))


class HeldOut(Document):
    """A test set that the owner keeps apart; its rows are left out of training."""

    path: DataPath
    sha256: Sha256


class DataSource(Document):
    """Where the rows come from: a loader, or a file in the model's folder with its digest."""

    target: str = Field(min_length=1, description="the column with the label")
    loader: CodeReference | None = None
    path: DataPath | None = None
    sha256: Sha256 | None = None
    test: HeldOut | None = None

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if self.loader and self.path:
            raise ValueError("loader and path are both given; keep the one that the rows come from")
        if not self.loader and not self.path:
            raise ValueError("neither loader nor path is given; name the one that the rows come from")
        if self.path and not self.sha256:
            raise ValueError(
                f"path {self.path} needs its sha256, so that changed data is a change that git shows"
            )
        if self.loader and self.sha256:
            raise ValueError("sha256 belongs to path; the rows of a loader are hashed after loading")
        return self


class Split(Document):
    """How rows are kept apart: by a hash of their feature values, so that equal rows stay together."""

    test_fraction: float = Field(default=0.25, ge=0.05, le=0.5)
    seed: int = Field(default=0, ge=0, le=2**31 - 1)
    folds: int = Field(default=5, ge=2, le=20)


class Slice(Document):
    """A part of the rows that must not be failed: those whose ``feature`` lies from ``min`` to ``max``."""

    name: str = Field(min_length=1)
    feature: str
    min: float | None = None
    max: float | None = None

    @model_validator(mode="after")
    def _bounded(self) -> Self:
        if self.min is None and self.max is None:
            raise ValueError(f"slice {self.name!r} needs min, max or both; without them it is every row")
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError(f"slice {self.name!r}: min {self.min:g} lies above max {self.max:g}")
        return self


class Serving(Document):
    """How the endpoint answers."""

    #: binary only: the probability from which the second class is answered
    threshold: float = Field(default=0.5, gt=0.0, lt=1.0)
    max_batch: int = Field(default=1024, ge=1, le=100_000)
    missing_values: MissingValues = MissingValues.REFUSE
    out_of_range: OutOfRange = OutOfRange.CLIP


class ModelSpec(Document):
    """One ``model.yaml``."""

    name: ModelName
    task: Task
    data: DataSource
    #: the labels; for a binary task the second is the positive one
    classes: tuple[Label, ...] = Field(min_length=2, max_length=100)
    features: tuple[DeclaredFeature, ...] = Field(min_length=1)
    split: Split = Split()
    metric: MetricName
    gates: GateBounds
    slices: tuple[Slice, ...] = ()
    serving: Serving = Serving()
    #: a function(seed) that answers further candidates to choose between
    candidates: CodeReference | None = None
    #: the model's own Dockerfile, in its folder
    dockerfile: Annotated[str, Field(pattern=r"^[\w.-]+$")] | None = None

    @property
    def feature_names(self) -> tuple[str, ...]:
        """The columns in the order that the estimator gets them."""
        return tuple(feature.name for feature in self.features)

    def manifest(self, means: tuple[float | None, ...] | None = None) -> BundleManifest:
        """What the endpoint must know about the model; ``means`` are its features' over the training rows."""
        binary = self.task is Task.BINARY
        return BundleManifest(
            model=self.name,
            task=self.task,
            features=tuple(feature.served() for feature in self.features),
            classes=self.classes,
            positive_class=self.classes[1] if binary else None,
            threshold=self.serving.threshold if binary else None,
            missing_values=self.serving.missing_values,
            out_of_range=self.serving.out_of_range,
            max_batch=self.serving.max_batch,
            means=means,
        )

    @field_validator("task", mode="before")
    @classmethod
    def _known_task(cls, task: object) -> object:
        if task not in tuple(Task):
            raise ValueError("only classification is supported, so the task must be binary or multiclass")
        return task

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        for mistake in (*_mistakes_in_names(self), *_mistakes_in_classes(self)):
            raise ValueError(mistake)
        return self


def load_spec(path: Path) -> ModelSpec:
    """Read one ``model.yaml``.

    Raises:
        ConfigError: with one sentence for every mistake in it.
    """
    return load(path, ModelSpec)


def find_spec(root: Path, model: str) -> ModelSpec:
    """Read the specification of ``model`` in the repository at ``root``.

    Raises:
        ConfigError: when there is no such model, or its file is wrong or names another model.
    """
    path = root / MODELS / model / FILE_NAME
    if not path.is_file():
        known = ", ".join(models(root)) or "none"
        raise ConfigError(path, [f"there is no model {model!r} here; the models are: {known}."])
    return _fits_its_folder(path)


def models(root: Path) -> tuple[str, ...]:
    """The names of all models in the repository at ``root``."""
    return tuple(sorted(path.parent.name for path in (root / MODELS).glob(f"*/{FILE_NAME}")))


def config_files(root: Path) -> Iterable[ConfigFile]:
    """Every ``model.yaml``, for ``homeostat config check``."""
    for model in models(root):
        yield ConfigFile(root / MODELS / model / FILE_NAME, _fits_its_folder)


def _fits_its_folder(path: Path) -> ModelSpec:
    spec = load_spec(path)
    if spec.name != path.parent.name:
        raise ConfigError(
            path, [f"'name' is {spec.name!r}, but the folder is {path.parent.name!r}; make them equal."]
        )
    if spec.dockerfile and not (path.parent / spec.dockerfile).is_file():
        raise ConfigError(
            path, [f"'dockerfile' is {spec.dockerfile!r}, but there is no such file beside model.yaml."]
        )
    return spec


def _mistakes_in_names(spec: ModelSpec) -> Iterable[str]:
    names = spec.feature_names
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"feature {name!r} is listed twice; every name must be unique"
    if spec.data.target in names:
        yield f"the target {spec.data.target!r} is listed as a feature; the model would see the answer"
    if spec.serving.out_of_range is OutOfRange.MISSING:
        accepted = spec.serving.missing_values is MissingValues.ACCEPT
        for feature in spec.features:
            if not (accepted and feature.nullable):
                yield (
                    f"serving.out_of_range is missing, but feature {feature.name!r} may not be missing; make "
                    "it nullable with serving.missing_values: accept"
                )
    for part in spec.slices:
        if part.feature not in names:
            yield f"slice {part.name!r} names the feature {part.feature!r}, which is not under features"


def _mistakes_in_classes(spec: ModelSpec) -> Iterable[str]:
    if len(set(spec.classes)) != len(spec.classes) or len({type(label) for label in spec.classes}) != 1:
        yield f"classes {list(spec.classes)} must be distinct, and all texts or all integers"
    if spec.task is Task.BINARY and len(spec.classes) != 2:
        yield f"a binary task has two classes, but {len(spec.classes)} are listed; use task: multiclass"
    if spec.task is Task.MULTICLASS and "threshold" in spec.serving.model_fields_set:
        yield "serving.threshold is for a binary task; a multiclass answer is the likeliest class"
    known = {str(label) for label in spec.classes}
    for label in spec.gates.expected_prevalence:
        if label not in known:
            yield f"gates.expected_prevalence names {label!r}, which is not one of the classes"
