"""Whole runs on the phishing data, with the real bounds and a real registry."""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ct.errors import RegistryUnavailableError
from ct.recording.card import model_card
from ct.recording.registry import Registry
from ct.result import read_result
from ct.run import Run
from homeostat import digest
from homeostat.release import Outcome
from serving.bundle import load_bundle
from serving.errors import WrongDigest
from tests.unit.ct.small_repository import Trainer, refused, release_of


def test_the_real_model_passes_every_gate_that_applies(champion: Run) -> None:
    assert refused(champion) == set()
    assert champion.result.version == 1


def test_it_beats_the_majority_baseline_clearly(champion: Run) -> None:
    evaluation = champion.trained.evaluation
    for name, found in evaluation.metrics.items():
        assert found.low > evaluation.baseline[name] + 0.2, name


def test_no_test_row_was_trained_on(champion: Run) -> None:
    rows = champion.trained.rows
    trained = {row.tobytes() for row in rows.train.X}
    assert not trained & {row.tobytes() for row in rows.test.X}


def test_the_registry_gives_back_the_gated_bytes_and_no_others(
    champion: Run, registry: Registry, tmp_path: Path
) -> None:
    folder = registry.fetch(champion.result.run_id, tmp_path)
    loaded = load_bundle(folder, champion.result.model_sha256)
    assert loaded.manifest.model == "pages"
    with pytest.raises(WrongDigest):
        load_bundle(folder, "0" * 64)


def test_the_bundle_knows_the_training_means(champion: Run, registry: Registry, tmp_path: Path) -> None:
    folder = registry.fetch(champion.result.run_id, tmp_path)
    means = load_bundle(folder, champion.result.model_sha256).manifest.means
    np.testing.assert_allclose(np.array(means), np.nanmean(champion.trained.rows.train.X, axis=0))


def test_the_card_says_which_features_are_private(champion: Run) -> None:
    spec = champion.trained.spec
    first = spec.features[0].model_copy(update={"private": True})
    private = spec.model_copy(update={"features": (first, *spec.features[1:])})
    lines = model_card(dataclasses.replace(champion.trained, spec=private)).splitlines()
    assert [line.split("`")[1] for line in lines if "private: never captured" in line] == [first.name]


def test_a_champion_whose_bytes_changed_is_not_loaded(champion: Run, registry: Registry) -> None:
    release = release_of(champion).model_copy(update={"model_sha256": "0" * 64})
    with pytest.raises(WrongDigest):
        registry.champion(release)


def test_a_champion_that_the_registry_lost_stops_the_run(champion: Run, registry: Registry) -> None:
    release = release_of(champion).model_copy(update={"run_id": "0" * 32})
    with pytest.raises(RegistryUnavailableError, match="did not do what training needs"):
        registry.champion(release)


def test_everything_a_person_would_want_is_recorded(champion: Run, registry: Registry) -> None:
    client = registry._client
    recorded = client.get_run(champion.result.run_id)
    assert recorded.data.metrics["accuracy"] == pytest.approx(
        champion.trained.evaluation.metrics[champion.trained.spec.metric].value
    )
    assert recorded.data.params["estimator"] == champion.trained.chosen.candidate.name
    assert recorded.data.tags["source_commit"] == champion.result.source_commit
    assert recorded.data.tags["data_sha256"] == champion.result.data_sha256
    files = {
        file.path
        for folder in (None, "plots", "model")
        for file in client.list_artifacts(champion.result.run_id, folder)
    }
    assert {f"plots/{name}.png" for name in ("roc", "precision_recall", "calibration", "confusion")} <= files
    assert {"plots/importance.png", "gates.json", "model_card.md", "training.json"} <= files
    assert {"model/MLmodel", "model/model.pkl", "model/model.json", "model/input_example.json"} <= files


def test_mlflow_itself_can_read_the_signature_and_load_the_model(
    champion: Run, registry: Registry, registry_uri: str
) -> None:
    import mlflow  # noqa: PLC0415 - MLflow reads its environment when it is imported

    mlflow.set_tracking_uri(registry_uri)
    uri = f"models:/pages/{champion.result.version}"
    signature = mlflow.models.get_model_info(uri).signature
    assert signature is not None
    names = list(champion.trained.spec.feature_names)
    assert signature.inputs.input_names() == names
    rows = champion.trained.rows.test
    loaded = mlflow.pyfunc.load_model(uri)
    assert (
        loaded.predict(pd.DataFrame(rows.X, columns=names)) == champion.trained.evaluation.predicted
    ).all()


def test_the_model_card_tells_quality_verdicts_and_where_it_came_from(
    champion: Run, registry: Registry
) -> None:
    card = registry.read(champion.result.run_id, "model_card.md").decode()
    assert champion.result.model_sha256 in card
    assert champion.result.source_commit in card
    assert "| accuracy | 0.9" in card
    assert all(gate.sentence in card for gate in champion.result.gates)
    assert f"- engine: {champion.result.engine.why}" in card


def test_what_is_served_recorded_and_told_is_one_engine(
    champion: Run, registry: Registry, tmp_path: Path
) -> None:
    engine = champion.result.engine
    assert champion.trained.engine.choice == engine
    assert engine.why.startswith(f"{engine.kind}: ")
    loaded = load_bundle(registry.fetch(champion.result.run_id, tmp_path), champion.result.model_sha256)
    assert loaded.manifest.engine == engine
    assert (None if loaded.graph is None else digest.of_bytes(loaded.graph)) == engine.onnx_sha256


def test_gate_results_are_recorded_as_json(champion: Run, registry: Registry) -> None:
    recorded = json.loads(registry.read(champion.result.run_id, "gates.json"))
    assert recorded == [gate.model_dump(mode="json") for gate in champion.result.gates]


@pytest.fixture(scope="session")
def again(champion: Run, train_pages: Trainer, phishing_rows: pd.DataFrame) -> Run:
    """The same rows in another order, judged beside the champion."""
    return train_pages(phishing_rows.sample(frac=1.0, random_state=1), champion)


def test_the_order_in_which_rows_arrive_changes_no_byte(champion: Run, again: Run) -> None:
    assert again.result.data_sha256 == champion.result.data_sha256
    assert again.result.model_sha256 == champion.result.model_sha256


def test_a_model_equal_to_its_champion_passes_the_comparisons(again: Run) -> None:
    verdicts = {gate.name: gate for gate in again.result.gates}
    for name in ("no_worse_than_champion", "champion_disagreement", "label_prevalence"):
        assert verdicts[name].outcome is Outcome.PASSED
    assert verdicts["champion_disagreement"].value == 0.0


def test_a_second_run_over_equal_inputs_records_nothing_new(
    again: Run, champion: Run, train_pages: Trainer, phishing_rows: pd.DataFrame
) -> None:
    once_more = train_pages(phishing_rows.sample(frac=1.0, random_state=1), champion)
    assert once_more.result.version == again.result.version
    assert once_more.result.run_id == again.result.run_id
    written = train_pages.folder / "out" / "result.json"
    assert read_result(written) == once_more.result
    assert digest.of_file(written.parent / once_more.result.bundle / "model.pkl") == again.result.model_sha256


def test_labels_flipped_throughout_pass_the_metrics_but_not_the_champion(
    champion: Run, train_pages: Trainer, phishing_rows: pd.DataFrame
) -> None:
    flipped = phishing_rows.assign(
        verdict=phishing_rows.verdict.map({"phishing": "legitimate", "legitimate": "phishing"})
    )
    finished = train_pages(flipped, champion)
    assert "champion_disagreement" in refused(finished)
    assert not refused(finished) & {"minimum_metric", "calibration_error", "brier_score"}


def test_a_third_of_the_labels_at_random_is_refused_by_the_minimum_metric(
    champion: Run, train_pages: Trainer, phishing_rows: pd.DataFrame, registry: Registry
) -> None:
    random = np.random.default_rng(20)
    broken = random.random(len(phishing_rows)) < 1 / 3
    answers = np.where(random.random(len(phishing_rows)) < 0.5, "phishing", "legitimate")
    corrupted = phishing_rows.assign(verdict=phishing_rows.verdict.where(~broken, answers))
    finished = train_pages(corrupted, champion)
    assert "minimum_metric" in refused(finished)
    assert finished.result.version is None
    sentence = next(gate.sentence for gate in finished.result.gates if gate.name == "minimum_metric")
    assert re.match(r"Accuracy is 0\.7\d\d \(95% interval 0\.697 to ", sentence)
    assert sentence.endswith("below the required 0.85.")
    # what was refused is recorded, but the candidate is still the one that passed
    assert registry._client.get_run(finished.result.run_id).data.tags["verdict"] == "refused"
    assert registry._client.get_model_version_by_alias("pages", "candidate").version in {1, 2}


def test_promotion_moves_the_champion_alias(champion: Run, registry: Registry) -> None:
    assert champion.result.version is not None
    registry.promote("pages", champion.result.version)
    registry.promote("pages", champion.result.version)
    assert registry._client.get_model_version_by_alias("pages", "champion").version == champion.result.version
