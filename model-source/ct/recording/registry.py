# pyright: basic
# MLflow's client is typed only in parts.
"""The record of every candidate: MLflow's tracking server and model registry."""

from __future__ import annotations

import math
import os
import tempfile
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from ct.errors import RegistryUnavailableError
from ct.judging.champion import Champion
from ct.judging.training_record import TRAINING_FILE, TrainingRecord
from ct.recording.artifacts import MODEL_FOLDER
from ct.training.trained import Trained
from homeostat.release import Release
from homeostat.sentences import sentences
from serving.bundle import MANIFEST_FILE, load_bundle, read_manifest

CANDIDATE_ALIAS = "candidate"
CHAMPION_ALIAS = "champion"

#: set before MLflow is imported: it must not phone home, and a server that is away must be told soon
ENVIRONMENT = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "true",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",
    "MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR": "1",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "30",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    # standard output belongs to --json
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
}


@dataclass(frozen=True, slots=True)
class Recorded:
    """Where a candidate is recorded."""

    run_id: str
    #: None for a candidate that was refused
    version: int | None


def connect(uri: str) -> Registry:
    """A registry at ``uri``: ``http://...`` of a tracking server, or ``sqlite:///...`` without one.

    Raises:
        RegistryUnavailableError: when it can't be reached.
    """
    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    # Alembic tells every migration of a new database on standard error otherwise.
    os.environ.setdefault("MLFLOW_LOGGING_LEVEL", "WARNING")
    from mlflow import MlflowClient  # noqa: PLC0415 - only after the environment is set

    with _reachable(uri):
        client = MlflowClient(tracking_uri=uri, registry_uri=uri)
        # Asked before training starts: a server that is away is better told now than after the work.
        client.search_experiments(max_results=1)
        return Registry(client, uri)


class Registry:
    """Runs and versions of models, by the names that ``model.yaml`` gives."""

    def __init__(self, client: Any, uri: str) -> None:
        self._client = client
        self._uri = uri

    def find(self, trained: Trained) -> Recorded | None:
        """The record of an equal candidate: same inputs, same bytes, same champion, same verdict."""
        with _reachable(self._uri):
            experiment = self._client.get_experiment_by_name(trained.spec.name)
            if experiment is None:
                return None
            wanted = " and ".join(f"tags.`{name}` = '{value}'" for name, value in _identity(trained).items())
            query = f"attributes.status = 'FINISHED' and {wanted}"
            found = self._client.search_runs([experiment.experiment_id], query, max_results=1)
            return Recorded(found[0].info.run_id, self._version_of(trained, found[0])) if found else None

    def record(self, trained: Trained, artifacts: Path) -> Recorded:
        """Write a run with the files in ``artifacts``; register a version of it unless a gate refused."""
        with _reachable(self._uri):
            run = self._client.create_run(
                self._experiment(trained.spec.name),
                tags=_tags(trained),
                run_name=trained.chosen.candidate.name,
            )
            run_id = run.info.run_id
            self._log_numbers(run_id, trained)
            self._client.log_artifacts(run_id, str(artifacts))
            version = None if trained.refusals else self._register(trained, run_id, run.info.artifact_uri)
            self._client.set_terminated(run_id, "FINISHED")
        return Recorded(run_id, version)

    def nominate(self, model: str, version: int) -> None:
        """Let the alias ``candidate`` name ``version``."""
        with _reachable(self._uri):
            self._client.set_registered_model_alias(model, CANDIDATE_ALIAS, str(version))

    def promote(self, model: str, version: int) -> None:
        """Let the alias ``champion`` name ``version``; doing so again changes nothing."""
        with _reachable(self._uri):
            self._client.set_registered_model_alias(model, CHAMPION_ALIAS, str(version))

    def champion(self, release: Release) -> Champion:
        """Fetch the version that git says is deployed and verify its bytes before they are interpreted.

        Raises:
            RegistryUnavailableError: when the registry lacks it.
            WrongDigest: when its bytes are not those of the release.
        """
        with tempfile.TemporaryDirectory() as folder:
            bundle = self.fetch(release.run_id, Path(folder))
            loaded = load_bundle(bundle, release.model_sha256)
            return Champion(release.version, loaded, self._training(release))

    def _training(self, release: Release) -> TrainingRecord:
        try:
            return TrainingRecord.model_validate_json(self.read(release.run_id, TRAINING_FILE))
        except ValidationError as error:
            raise RegistryUnavailableError(
                f"{TRAINING_FILE} of run {release.run_id}: {sentences(error, TrainingRecord)[0]}"
            ) from None

    def fetch(self, run_id: str, folder: Path) -> Path:
        """Download the bundle that a run recorded into ``folder``; its bytes are not verified yet.

        Raises:
            RegistryUnavailableError: when the registry lacks it.
        """
        bundle = folder / "bundle"
        bundle.mkdir()
        self._fetch(run_id, MANIFEST_FILE, bundle)
        for name in read_manifest(bundle).files:
            self._fetch(run_id, name, bundle)
        return bundle

    def _fetch(self, run_id: str, name: str, bundle: Path) -> None:
        (bundle / name).write_bytes(self.read(run_id, f"{MODEL_FOLDER}/{name}"))

    def read(self, run_id: str, artifact: str) -> bytes:
        """The bytes of one recorded file.

        Raises:
            RegistryUnavailableError: when the registry lacks it.
        """
        with _reachable(self._uri), tempfile.TemporaryDirectory() as folder:
            # For files on this machine MLflow answers where they lie instead of copying them.
            return Path(self._client.download_artifacts(run_id, artifact, folder)).read_bytes()

    def _experiment(self, name: str) -> str:
        found = self._client.get_experiment_by_name(name)
        if found is not None:
            return found.experiment_id
        return self._client.create_experiment(name, artifact_location=_artifact_location(self._uri))

    def _log_numbers(self, run_id: str, trained: Trained) -> None:
        from mlflow.entities import Metric, Param  # noqa: PLC0415 - only after the environment is set

        metrics = [Metric(name, value, 0, 0) for name, value in _metrics(trained).items()]
        params = [Param(name, value) for name, value in _params(trained).items()]
        self._client.log_batch(run_id, metrics=metrics, params=params)

    def _register(self, trained: Trained, run_id: str, artifact_uri: str) -> int:
        from mlflow.exceptions import MlflowException  # noqa: PLC0415 - only after the environment is set

        name = trained.spec.name
        try:
            self._client.create_registered_model(name)
        except MlflowException as error:
            if error.error_code != "RESOURCE_ALREADY_EXISTS":
                raise
        version = self._client.create_model_version(
            name, f"{artifact_uri}/{MODEL_FOLDER}", run_id=run_id, tags=_identity(trained)
        )
        return int(version.version)

    def _version_of(self, trained: Trained, run: Any) -> int | None:
        if trained.refusals:
            return None
        versions = self._client.search_model_versions(f"run_id = '{run.info.run_id}'")
        if versions:
            return int(versions[0].version)
        return self._register(trained, run.info.run_id, run.info.artifact_uri)


def _identity(trained: Trained) -> Mapping[str, str]:
    return {
        "inputs_digest": trained.inputs_digest,
        "model_sha256": trained.model_sha256,
        "data_sha256": trained.data_sha256,
        "source_commit": trained.source_commit,
        "champion_version": str(trained.comparison.version) if trained.comparison else "none",
        "verdict": "refused" if trained.refusals else "passed",
    }


def _tags(trained: Trained) -> Mapping[str, str]:
    tags = {**_identity(trained), "mlflow.source.git.commit": trained.source_commit}
    if trained.modified:
        tags["local_changes"] = "true"
    if trained.refusals:
        tags["mlflow.note.content"] = " ".join(gate.sentence for gate in trained.refusals)
    return tags


def _params(trained: Trained) -> Mapping[str, str]:
    spec = trained.spec
    return {
        "estimator": trained.chosen.candidate.name,
        "task": spec.task.value,
        "metric": spec.metric.value,
        "features": ", ".join(spec.feature_names),
        "training_rows": str(len(trained.rows.train)),
        "test_rows": str(len(trained.rows.test)),
        **_settings(trained.estimator),
        **{f"split.{name}": str(value) for name, value in spec.split.model_dump().items()},
        **{f"gates.{name}": str(value) for name, value in spec.gates.model_dump().items()},
    }


def _settings(estimator: Any) -> Mapping[str, str]:
    """The estimator's own parameters that were set, where it tells them as scikit-learn does."""
    told = estimator.get_params() if hasattr(estimator, "get_params") else {}
    plain = {name: value for name, value in told.items() if isinstance(value, int | float | str)}
    return {f"estimator.{name}": str(value) for name, value in plain.items() if value == value}  # noqa: PLR0124 - NaN


def _metrics(trained: Trained) -> Mapping[str, float]:
    """MLflow's databases keep no NaN apart from a flag, so what is undefined is left out."""
    evaluation = trained.evaluation
    numbers = {
        "calibration_error": evaluation.calibration_error,
        "brier_score": evaluation.brier_score,
        "latency_seconds": evaluation.latency_seconds,
        "robustness_drop": evaluation.stress.drop,
    }
    for name, found in evaluation.metrics.items():
        numbers |= {name.value: found.value, f"{name.value}_low": found.low, f"{name.value}_high": found.high}
        numbers[f"baseline_{name.value}"] = evaluation.baseline[name]
    numbers |= {f"cv_{score.candidate.name}": score.mean for score in trained.scores}
    if trained.comparison is not None:
        numbers["champion_disagreement"] = trained.comparison.disagreement
        if trained.comparison.difference is not None:
            numbers["champion_difference"] = trained.comparison.difference.value
    return {name: value for name, value in numbers.items() if value is not None and math.isfinite(value)}


def _artifact_location(uri: str) -> str | None:
    """A server decides by itself; without one, files lie beside the database."""
    if not uri.startswith("sqlite:///"):
        return None
    return (Path(uri.removeprefix("sqlite:///")).resolve().parent / "artifacts").as_uri()


@contextmanager
def _reachable(uri: str) -> Generator[None]:
    from mlflow.exceptions import MlflowException  # noqa: PLC0415 - only after the environment is set
    from requests.exceptions import RequestException  # noqa: PLC0415 - comes with MLflow

    try:
        yield
    except (MlflowException, RequestException, OSError) as error:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0][:300]
        raise RegistryUnavailableError(f"MLflow at {uri} did not do what training needs: {reason}") from error
