"""Explanations over HTTP, beside predictions of the same process."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any

import httpx
import pytest
import uvicorn
from prometheus_client.parser import text_string_to_metric_families
from scipy.special import expit
from typer.testing import CliRunner, Result

from homeostat.release import GateResult, Outcome, Release
from serving.assembly import assembled
from serving.bundle import load_bundle, save_bundle
from serving.cli import app
from serving.explaining.endpoint import ExplainEndpoint
from serving.explaining.explainer import ChildExplainer, Limits
from serving.hot_path import HotPath
from serving.loading import open_release
from serving.metrics import Board, Layout, Metrics
from serving.protocol import create_app
from tests.unit.serving.explaining.models import MODELS, bundle

EXPLAIN, PREDICT = "/v1/models/toy:explain", "/v1/models/toy:predict"
ROW = {"age": 1, "visits": 1.5, "salary": 1, "weight": 0}
BODY = {"instances": [ROW]}


@dataclass
class Running:
    """A server in this process, and its explainer."""

    http: httpx.AsyncClient
    explainer: ChildExplainer

    async def explain(self, body: Any = BODY, **options: Any) -> httpx.Response:
        return await self.http.post(EXPLAIN, json=body, **options)

    async def counted(self, status: int) -> float:
        families = text_string_to_metric_families((await self.http.get("/metrics")).text)
        return sum(
            sample.value
            for family in families
            for sample in family.samples
            if sample.name == "homeostat_explanations_total" and sample.labels["status"] == str(status)
        )


@pytest.fixture(scope="module")
def anyio_backend() -> tuple[str, dict[str, Any]]:
    return "asyncio", {"use_uvloop": True}


@pytest.fixture(scope="module")
async def running(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Running]:
    folder, made = tmp_path_factory.mktemp("bundle"), bundle(MODELS["prepared xgboost"])
    sha256 = save_bundle(folder, made.estimator, made.manifest)
    release = Release(
        model="toy",
        version=3,
        model_sha256=sha256,
        bento_digest="d" * 64,
        run_id="0" * 32,
        data_sha256="1" * 64,
        inputs_digest="2" * 64,
        source_commit="a" * 40,
        gates=(GateResult(name="g", outcome=Outcome.PASSED, value=1.0, bound=0.0, sentence="Fine."),),
    )
    layout = Layout.of(release, made.manifest)
    metrics = Metrics(layout, Board.create(layout, workers=1))
    loaded = open_release(release, load_bundle(folder, sha256), threads=1)
    explainer = ChildExplainer(folder, sha256, Limits(waiting=1))
    async with assembled(loaded, folder, {}, metrics, lambda _: None) as usual:
        seconds = usual.deadline_seconds * 4
        endpoint = ExplainEndpoint(usual.predictor.schema, explainer, metrics, seconds, usual.in_flight)
        served = replace(usual, explaining=endpoint)
        config = uvicorn.Config(HotPath(served, create_app(served)), port=0, log_config=None, lifespan="off")
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve())
        while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
            await asyncio.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        async with httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{port}", timeout=120, trust_env=False
        ) as http:
            yield Running(http, explainer)
        server.should_exit = True
        await serving
        await explainer.close()


pytestmark = pytest.mark.anyio


async def test_an_explanation_adds_up_to_the_predicted_probability(running: Running):
    answer = await running.explain({"instances": [ROW, [0, 0, 0, 0]]})
    assert answer.status_code == 200
    first, second = answer.json()["explanations"]
    assert set(first["contributions"]) == set(second["contributions"]) == set(ROW)
    tensor = {"name": "x", "shape": [1, 4], "datatype": "FP64", "data": list(ROW.values())}
    predicted = (await running.http.post("/v2/models/toy/infer", json={"inputs": [tensor]})).json()
    probability = {output["name"]: output["data"] for output in predicted["outputs"]}["probabilities"][1]
    assert (first["class"], first["space"]) == ("yes", "log-odds")
    total = first["base"] + sum(first["contributions"].values())
    assert expit(total) == pytest.approx(probability, abs=1e-5)


async def test_predictions_are_answered_while_an_explanation_is_under_way(running: Running):
    await running.explain()
    pid = running.explainer.child_pid or 0
    os.kill(pid, signal.SIGSTOP)
    explaining = asyncio.create_task(running.explain())
    predictions = await asyncio.gather(*(running.http.post(PREDICT, json=BODY) for _ in range(50)))
    assert {answer.status_code for answer in predictions} == {200}
    assert not explaining.done()
    os.kill(pid, signal.SIGCONT)
    assert (await explaining).status_code == 200


async def test_a_killed_child_is_one_503_and_the_next_request_is_explained(running: Running):
    await running.explain()
    pid = running.explainer.child_pid or 0
    os.kill(pid, signal.SIGSTOP)
    explaining = asyncio.create_task(running.explain())
    await asyncio.sleep(0.1)
    os.kill(pid, signal.SIGKILL)
    failed = await explaining
    # killed before it was asked, its request gets another child
    assert failed.status_code in {200, 503}
    if failed.status_code == 503:
        assert "ask again" in failed.json()["error"]
        assert failed.headers["retry-after"] == "1"
    assert (await running.explain()).status_code == 200


async def test_a_full_queue_is_a_503_with_the_time_to_come_back(running: Running):
    await running.explain()
    pid = running.explainer.child_pid or 0
    os.kill(pid, signal.SIGSTOP)
    before = await running.counted(503)
    asked = [asyncio.create_task(running.explain()) for _ in range(8)]
    # one is under way and one may wait, for as long as the child stands still
    refused = [await answer for answer, _ in zip(asyncio.as_completed(asked), range(6), strict=False)]
    assert {answer.status_code for answer in refused} == {503}
    assert all(int(answer.headers["retry-after"]) >= 1 for answer in refused)
    os.kill(pid, signal.SIGCONT)
    statuses = [(await task).status_code for task in asked]
    assert 1 <= statuses.count(200) <= 2
    assert await running.counted(503) == before + statuses.count(503) == before + 8 - statuses.count(200)


async def test_a_deadline_is_a_504_that_leaves_the_child_alone(running: Running):
    await running.explain()
    pid = running.explainer.child_pid or 0
    os.kill(pid, signal.SIGSTOP)
    late = await running.explain(headers={"X-Request-Timeout-Seconds": "0.05"})
    os.kill(pid, signal.SIGCONT)
    assert late.status_code == 504
    assert "deadline passed" in late.json()["error"]
    assert (await running.explain()).status_code == 200
    assert running.explainer.child_pid == pid


@pytest.mark.parametrize(
    ("body", "status", "sentence"),
    [
        ({"rows": []}, 400, "instances is None: it must be a list of rows"),
        ({"instances": []}, 400, "has no rows"),
        ({"instances": [[1, 2]]}, 400, "Row 0 has 2 values, but the model has 4 features"),
        ({"instances": [["old", 2, 0, 1]]}, 400, "Row 0, age is 'old'"),
        ({"instances": [[None, 2, 0, 1]]}, 400, "Row 0, age is missing: a value is required"),
        ({"instances": [[0, 0, 0, 0]] * 65}, 413, "65 rows, at most 64 can be explained at once"),
    ],
)
async def test_a_wrong_request_is_told_what_is_wrong(running: Running, body: Any, status: int, sentence: str):
    answer = await running.explain(body)
    assert answer.status_code == status
    assert sentence in answer.json()["error"]


async def test_wrong_deadlines_models_and_methods_are_told(running: Running):
    assert (
        "X-Request-Timeout-Seconds is 'soon'"
        in (await running.explain(headers={"X-Request-Timeout-Seconds": "soon"})).json()["error"]
    )
    other = await running.http.post("/v1/models/other:explain", json=BODY)
    assert (other.status_code, other.json()["error"][:20]) == (404, "Model 'other' does n")
    got = await running.http.get(EXPLAIN)
    assert (got.status_code, got.headers["allow"]) == (405, "POST")


async def test_the_command_line_shows_contributions_and_the_servers_sentences(running: Running):
    async def told(*arguments: str) -> Result:
        command = ["explain", "toy", "--url", str(running.http.base_url), *arguments]
        return await asyncio.to_thread(CliRunner().invoke, app, command)

    table = await told("--row", json.dumps(ROW))
    assert all(feature in table.output for feature in ROW)
    (machine,) = json.loads((await told("--row", json.dumps(ROW), "--json")).output)["rows"]
    assert machine == (await running.explain()).json()["explanations"][0]
    assert "The feature visits is missing" in str((await told("--row", '{"age": 1}')).exception)


async def test_explanations_are_counted_by_status(running: Running):
    good, bad = await running.counted(200), await running.counted(400)
    await running.explain()
    await running.explain({"instances": []})
    assert await running.counted(200) == good + 1
    assert await running.counted(400) == bad + 1
