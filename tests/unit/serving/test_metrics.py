from __future__ import annotations

from typing import Any

import httpx
from prometheus_client.parser import text_string_to_metric_families

SERVED = {"model": "toy", "version": "3"}


class Scrape:
    """The samples of one scrape, by name and labels."""

    def __init__(self, http: httpx.Client) -> None:
        families = text_string_to_metric_families(http.get("/metrics").text)
        self.samples = [sample for family in families for sample in family.samples]

    def value(self, name: str, **labels: str) -> float:
        return sum(s.value for s in self.samples if s.name == name and labels.items() <= s.labels.items())

    def label_values(self, label: str) -> set[str]:
        return {sample.labels[label] for sample in self.samples if label in sample.labels}


def grown(http: httpx.Client, before: Scrape, name: str, **labels: str) -> float:
    return Scrape(http).value(name, **labels) - before.value(name, **labels)


def test_an_answer_is_counted_timed_and_split_into_phases(http: httpx.Client):
    before = Scrape(http)
    assert http.post("/v1/models/toy:predict", json={"instances": [[1, 2, 0], [-2, 3, 0]]}).status_code == 200
    assert (
        grown(http, before, "homeostat_inference_requests_total", **SERVED, protocol="v1", status="200") == 1
    )
    assert grown(http, before, "homeostat_inference_latency_seconds_count", **SERVED, protocol="v1") == 1
    for phase in ("decode", "predict", "encode"):
        assert grown(http, before, "homeostat_inference_phase_seconds_count", **SERVED, phase=phase) == 1


def test_rows_are_counted_by_class_with_their_confidence(http: httpx.Client):
    before = Scrape(http)
    http.post("/v1/models/toy:predict", json={"instances": [[1, 2, 0], [-2, 3, 0], [-3, 3, 0]]})
    assert grown(http, before, "homeostat_predictions_total", **SERVED, predicted_class="stays") == 2
    assert grown(http, before, "homeostat_predictions_total", **SERVED, predicted_class="leaves") == 1
    assert grown(http, before, "homeostat_prediction_confidence_count", **SERVED) == 3


def test_values_outside_of_the_training_range_are_answered_and_counted(http: httpx.Client):
    before = Scrape(http)
    response = http.post("/v1/models/toy:predict", json={"instances": [[11, 2, 0], [-10, 2, 0]]})
    assert response.status_code == 200
    assert grown(http, before, "homeostat_input_out_of_range_total", **SERVED, feature="age") == 1


def test_latency_has_a_bucket_at_the_alerts_bound(http: httpx.Client):
    assert "0.5" in Scrape(http).label_values("le")


def test_the_served_release_is_exported(http: httpx.Client, packed: Any):
    release = packed.release
    identity = {"model_sha256": release.model_sha256, "bento_digest": release.bento_digest}
    assert Scrape(http).value("homeostat_model_info", **SERVED, **identity, source_commit="a" * 40) == 1


def test_refused_requests_are_counted_by_status(http: httpx.Client):
    before = Scrape(http)
    http.post("/v2/models/toy/infer", json={})
    assert (
        grown(http, before, "homeostat_inference_requests_total", **SERVED, protocol="v2", status="400") == 1
    )


def test_invented_models_versions_and_paths_make_no_new_series(http: httpx.Client):
    for number in range(5):
        http.post(f"/v2/models/made-up-{number}/infer", json={})
        http.post(f"/v2/models/toy/versions/{number + 50}/infer", json={})
        http.get(f"/made/up/{number}")
    scrape = Scrape(http)
    assert scrape.label_values("model") == {"toy", "unknown"}
    assert scrape.label_values("version") == {"3", "unknown"}
    assert scrape.value("homeostat_inference_requests_total", model="unknown", status="404") >= 10
