"""A real estimator behind real threads, on both event loops."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import numpy as np
import pytest
import uvloop
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from serving.batching.batcher import Batcher
from serving.batching.limits import Limits
from serving.batching.patience import Patience
from serving.engines.engine import Probabilities, Rows
from serving.errors import DeadlinePassed
from tests.unit.serving.batching.controlled import GatedEngine, Observed, turn_until

Run = Callable[[Coroutine[Any, Any, Any]], Any]
both_loops = pytest.mark.parametrize("run", [asyncio.run, uvloop.run], ids=["asyncio", "uvloop"])


class Estimator:
    """A scaler and a logistic regression, which refuse NaN and rows of another width."""

    def __init__(self) -> None:
        rows = np.random.default_rng(1).normal(size=(200, 4))
        self.model = make_pipeline(StandardScaler(), LogisticRegression()).fit(rows, rows[:, 0] > 0)

    def probabilities(self, rows: Rows) -> Probabilities:
        return self.model.predict_proba(rows)


@pytest.fixture(scope="module")
def estimator() -> Estimator:
    return Estimator()


def forever() -> Patience:
    return Patience(asyncio.get_running_loop().time() + 60, lambda: False)


@both_loops
def test_requests_of_all_sizes_at_once_get_what_each_would_get_alone(run: Run, estimator: Estimator):
    random = np.random.default_rng(5)
    tables = [random.normal(size=(random.integers(1, 40), 4)) for _ in range(100)]
    observed = Observed()

    async def ask_all() -> list[Probabilities]:
        batcher = Batcher(estimator, Limits(max_batch_rows=64), lambda: False, observed)
        answers = await asyncio.gather(*(batcher.probabilities(table, forever()) for table in tables))
        batcher.close()
        return answers

    for table, answer in zip(tables, run(ask_all()), strict=True):
        np.testing.assert_allclose(answer, estimator.probabilities(table), rtol=1e-12)
    assert sum(requests for requests, _, _ in observed.batches) == 100
    assert sum(rows for _, rows, _ in observed.batches) == sum(map(len, tables))
    assert len(observed.batches) < 100, "what queued together must be predicted together"


@both_loops
def test_rows_that_the_estimator_refuses_fail_alone(run: Run, estimator: Estimator):
    tables = [np.full((2, 4), float(number)) for number in range(30)]
    tables[11] = np.full((1, 4), np.nan)
    tables[23] = np.zeros((1, 3))

    async def ask_all() -> list[Probabilities | BaseException]:
        batcher = Batcher(estimator, Limits(), lambda: False, Observed())
        asked = (batcher.probabilities(table, forever()) for table in tables)
        answers = await asyncio.gather(*asked, return_exceptions=True)
        batcher.close()
        return answers

    for number, answer in enumerate(run(ask_all())):
        if number in (11, 23):
            assert isinstance(answer, ValueError)
        else:
            np.testing.assert_allclose(answer, estimator.probabilities(tables[number]), rtol=1e-12)


@both_loops
def test_cancelling_some_at_any_moment_leaves_the_others_their_answers(run: Run, estimator: Estimator):
    random = np.random.default_rng(9)
    tables = [random.normal(size=(random.integers(1, 9), 4)) for _ in range(150)]
    cancelled = set(random.choice(150, 50, replace=False).tolist())

    async def ask_all() -> list[Probabilities | BaseException]:
        batcher = Batcher(estimator, Limits(max_batch_rows=16), lambda: False, Observed())
        tasks: list[asyncio.Task[Probabilities]] = []
        for number, table in enumerate(tables):
            tasks.append(asyncio.create_task(batcher.probabilities(table, forever())))
            if number % 3 == 0:
                await asyncio.sleep(0)
            if number in cancelled:
                tasks[random.integers(number // 2, number + 1)].cancel()
        answers = await asyncio.gather(*tasks, return_exceptions=True)
        await turn_until(lambda: not batcher.busy)
        batcher.close()
        return answers

    for table, answer in zip(tables, run(ask_all()), strict=True):
        if not isinstance(answer, asyncio.CancelledError):
            np.testing.assert_allclose(answer, estimator.probabilities(table), rtol=1e-12)


@both_loops
def test_a_deadline_comes_while_the_engine_is_at_work(run: Run):
    engine = GatedEngine()

    async def ask() -> list[BaseException | None]:
        batcher = Batcher(engine, Limits(), lambda: False, Observed())
        soon = Patience(asyncio.get_running_loop().time() + 0.01, lambda: False)
        tables = [np.zeros((1, 3)), np.ones((1, 3))]
        late = await asyncio.gather(
            *(batcher.probabilities(table, soon) for table in tables), return_exceptions=True
        )
        engine.release()
        batcher.close()
        return late

    assert [type(error) for error in run(ask())] == [DeadlinePassed, DeadlinePassed]
