"""The child that explains: bounded, killable, and never in the way of its worker."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.ensemble import AdaBoostClassifier

from serving.batching.patience import Patience
from serving.bundle import save_bundle
from serving.errors import BadAnswer, ClientLeft, DeadlinePassed, EngineStopped, NotExplainable, Overloaded
from serving.explaining.explainer import ChildExplainer, Limits
from tests.unit.serving.explaining.models import MODELS, bundle, table

ROOT = Path(__file__).parents[4]
SECONDS = 120.0
pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def anyio_backend() -> tuple[str, dict[str, Any]]:
    return "asyncio", {"use_uvloop": True}  # the server's


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    folder, loaded = tmp_path_factory.mktemp("bundle"), bundle(MODELS["prepared logistic regression"])
    return folder, save_bundle(folder, loaded.estimator, loaded.manifest)


@contextlib.asynccontextmanager
async def explainer_of(saved: tuple[Path, str], **limits: Any) -> AsyncIterator[ChildExplainer]:
    explainer = ChildExplainer(*saved, Limits(**limits))
    try:
        yield explainer
    finally:
        await explainer.close()


@pytest.fixture(scope="module")
async def explainer(saved: tuple[Path, str]) -> AsyncIterator[ChildExplainer]:
    """One that several tests ask, since a child takes seconds to start."""
    async with explainer_of(saved, waiting=2) as shared:
        yield shared


def patience(seconds: float = SECONDS, left: bool = False) -> Patience:
    return Patience(asyncio.get_running_loop().time() + seconds, lambda: left)


async def await_that(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(SECONDS):
        while not condition():  # noqa: ASYNC110 - of another process
            await asyncio.sleep(0.01)


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


async def test_the_child_explains_again_and_again(saved: tuple[Path, str]):
    async with explainer_of(saved) as explainer:
        assert explainer.child_pid is None, "it is started by the first request"
        first = json.loads(await explainer.explain(table(2), patience()))
        pid = explainer.child_pid
        second = json.loads(await explainer.explain(table(2), patience()))
        assert first == second
        assert len(first["explanations"]) == 2
        assert explainer.child_pid == pid
        assert os.getpriority(os.PRIO_PROCESS, pid or 0) > os.getpriority(os.PRIO_PROCESS, 0)
    assert not is_alive(pid or 0)


async def test_shap_is_never_imported_where_predictions_are_made(tmp_path: Path):
    loaded = bundle(MODELS["xgboost"])
    sha256 = save_bundle(tmp_path, loaded.estimator, loaded.manifest)
    script = f"""
import asyncio, sys, json
from pathlib import Path
import numpy as np
from serving.batching.patience import Patience
from serving.explaining.explainer import ChildExplainer
import serving.explaining.endpoint
async def main():
    explainer = ChildExplainer(Path({str(tmp_path)!r}), {sha256!r})
    deadline = asyncio.get_running_loop().time() + 100
    found = json.loads(await explainer.explain(np.zeros((1, 4)), Patience(deadline, lambda: False)))
    assert found["explanations"][0]["space"] == "log-odds", found
    await explainer.close()
asyncio.run(main())
assert not {{"shap", "numba", "sklearn", "xgboost"}} & set(sys.modules)
"""
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-c", script],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=150,
        check=False,
    )
    assert done.returncode == 0, done.stderr


async def test_a_killed_child_fails_its_request_alone(explainer: ChildExplainer):
    await explainer.explain(table(1), patience())
    pid = explainer.child_pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    asked = asyncio.create_task(explainer.explain(table(1), patience()))
    behind = asyncio.create_task(explainer.explain(table(1), patience()))
    await asyncio.sleep(0)
    os.kill(pid, signal.SIGKILL)
    with pytest.raises(EngineStopped, match="ask again"):
        await asked
    assert json.loads(await behind)["explanations"]
    assert explainer.child_pid != pid


async def test_a_child_that_hangs_is_replaced(saved: tuple[Path, str]):
    async with explainer_of(saved, hang_seconds=1.0) as explainer:
        while explainer.child_pid is None:
            with contextlib.suppress(EngineStopped):  # on a busy machine the first answer may take longer
                await explainer.explain(table(1), patience())
        pid = explainer.child_pid
        os.kill(pid, signal.SIGSTOP)
        with pytest.raises(EngineStopped):
            await explainer.explain(table(1), patience())
        assert not is_alive(pid)


async def test_who_will_not_wait_is_told_and_the_child_goes_on(saved: tuple[Path, str]):
    async with explainer_of(saved) as explainer:
        with pytest.raises(DeadlinePassed):
            await explainer.explain(table(1), patience(0.01))
        assert json.loads(await explainer.explain(table(1), patience()))["explanations"]


async def test_more_than_may_wait_are_refused_at_once(explainer: ChildExplainer):
    await explainer.explain(table(1), patience())
    pid = explainer.child_pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    under_way = asyncio.create_task(explainer.explain(table(1), patience()))
    await asyncio.sleep(0.05)  # taken from the queue
    waiting = [asyncio.create_task(explainer.explain(table(1), patience())) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(Overloaded) as refused:
        await explainer.explain(table(1), patience())
    assert refused.value.retry_after_seconds > 0
    os.kill(pid, signal.SIGCONT)
    assert all(json.loads(answer)["explanations"] for answer in await asyncio.gather(under_way, *waiting))


@pytest.mark.parametrize("gone", ["out of time", "left"])
async def test_who_gave_up_keeps_no_place(explainer: ChildExplainer, gone: str):
    await explainer.explain(table(1), patience())
    pid = explainer.child_pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    under_way = asyncio.create_task(explainer.explain(table(1), patience()))
    await asyncio.sleep(0)
    impatient = patience(0.001) if gone == "out of time" else patience(left=True)
    gave_up = [asyncio.create_task(explainer.explain(table(1), impatient)) for _ in range(2)]
    if gone == "out of time":
        await asyncio.wait(gave_up)
    await asyncio.sleep(0)
    patient = [asyncio.create_task(explainer.explain(table(1), patience())) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(Overloaded):
        await explainer.explain(table(1), patience())
    os.kill(pid, signal.SIGCONT)
    assert all(json.loads(answer)["explanations"] for answer in await asyncio.gather(under_way, *patient))
    expected = DeadlinePassed if gone == "out of time" else ClientLeft
    assert {type(error) for error in await asyncio.gather(*gave_up, return_exceptions=True)} == {expected}


async def test_who_left_meanwhile_is_not_explained(saved: tuple[Path, str]):
    async with explainer_of(saved) as explainer:
        with pytest.raises(ClientLeft):
            await explainer.explain(table(1), patience(left=True))
        assert explainer.child_pid is None, "nobody waited, so nothing was started"


async def test_a_model_that_can_not_be_explained_is_asked_once(tmp_path: Path):
    loaded = bundle(AdaBoostClassifier)
    sha256 = save_bundle(tmp_path, loaded.estimator, loaded.manifest)
    async with explainer_of((tmp_path, sha256)) as explainer:
        for _ in range(2):
            with pytest.raises(NotExplainable, match="AdaBoostClassifier is not among the kinds"):
                await explainer.explain(table(1), patience())
            assert explainer.child_pid is None, "it has given its memory back"


async def test_another_model_than_the_gated_one_is_not_loaded(saved: tuple[Path, str]):
    async with explainer_of((saved[0], "e" * 64)) as explainer:
        with pytest.raises(NotExplainable, match="was gated: it is refused"):
            await explainer.explain(table(1), patience())


async def test_a_child_that_nobody_asks_gives_its_memory_back(saved: tuple[Path, str]):
    async with explainer_of(saved, idle_seconds=0.05) as explainer:
        await explainer.explain(table(1), patience())
        await await_that(lambda: explainer.child_pid is None)


async def test_closing_tells_those_who_wait(saved: tuple[Path, str]):
    async with explainer_of(saved) as explainer:
        asked = [asyncio.create_task(explainer.explain(table(1), patience())) for _ in range(3)]
        await asyncio.sleep(0)
        await explainer.close()
        outcomes = await asyncio.gather(*asked, return_exceptions=True)
        assert [type(outcome) for outcome in outcomes] == [EngineStopped] * 3


def test_the_child_ends_with_its_killed_worker(saved: tuple[Path, str]):
    script = f"""
import asyncio, sys
from pathlib import Path
import numpy as np
from serving.batching.patience import Patience
from serving.explaining.explainer import ChildExplainer
async def main():
    explainer = ChildExplainer(Path({str(saved[0])!r}), {saved[1]!r})
    deadline = asyncio.get_running_loop().time() + 100
    await explainer.explain(np.zeros((1, 4)), Patience(deadline, lambda: False))
    print("child", explainer.child_pid, flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    await explainer.explain(np.zeros((1, 4)), Patience(deadline, lambda: False))
    print("explained once more", flush=True)
    await asyncio.sleep(1000)
asyncio.run(main())
"""
    with subprocess.Popen(
        [sys.executable, "-c", script], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as worker:
        assert worker.stdout is not None
        assert worker.stdin is not None
        child = next(int(line.split()[1]) for line in worker.stdout if line.startswith("child"))
        os.kill(child, signal.SIGTERM)  # to the whole group, which is not the child's to answer
        worker.stdin.write("go on\n")
        worker.stdin.flush()
        assert worker.stdout.readline() == "explained once more\n"
        worker.kill()
        worker.wait()
    until = time.monotonic() + SECONDS
    while is_alive(child):
        assert time.monotonic() < until
        time.sleep(0.01)


async def test_rows_of_another_width_are_a_sentence(explainer: ChildExplainer):
    with pytest.raises(BadAnswer, match="can't be explained"):
        await explainer.explain(np.zeros((1, 3)), patience())
    assert await explainer.explain(table(1), patience())
