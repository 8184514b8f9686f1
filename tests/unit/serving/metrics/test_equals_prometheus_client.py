"""Whatever happens, in whichever worker, the page is the one that prometheus_client alone would write."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from serving.decision import Decision
from serving.metrics import Board, Layout, Metrics, Refusal
from serving.observation import Observation, Phase, ProtocolName
from tests.unit.serving.metrics.reference import MANIFEST, RELEASE, Reference, told

WORKERS = 3
#: any length, and the buckets' own bounds, which belong to the bucket below
SECONDS = st.floats(0, 20) | st.sampled_from([0.001, 0.5, 10.0])
STATUSES = st.sampled_from([200, 400, 404, 413, 499, 500, 503, 504]) | st.integers(0, 700)
PROTOCOLS = st.sampled_from(ProtocolName)


class Timed(Observation):
    """An observation whose length is given."""

    seconds = 0.0

    def duration_seconds(self) -> float:
        return self.seconds


@st.composite
def observations(draw: st.DrawFn) -> Timed:
    observation = Timed(draw(PROTOCOLS))
    observation.seconds = draw(SECONDS)
    observation.phases.update(draw(st.dictionaries(st.sampled_from(Phase), SECONDS)))
    return observation


@st.composite
def decisions(draw: st.DrawFn) -> Decision:
    # few rows are counted one by one, many together
    rows = draw(st.sampled_from([1, 2, 19, 20, 21, 300]))
    random = np.random.default_rng(draw(st.integers(0, 9)))
    shares = random.dirichlet([1, 1, 1], rows)
    if draw(st.booleans()):
        shares = np.round(shares, 1)
    return Decision(shares, random.integers(0, 3, rows), MANIFEST.classes)


Event = tuple[int, str, tuple[Any, ...]]


def event(name: str, *arguments: st.SearchStrategy[Any]) -> st.SearchStrategy[Event]:
    return st.tuples(st.integers(0, WORKERS - 1), st.just(name), st.tuples(*arguments))


COUNTS = st.integers(1, 10_000)
EVENTS = st.lists(
    st.one_of(
        event("answered", observations(), STATUSES),
        event("strayed", PROTOCOLS, STATUSES),
        event("predicted", decisions(), st.dictionaries(st.sampled_from(["age", "visits"]), COUNTS)),
        event("batched", COUNTS, COUNTS, SECONDS),
        event("refused", st.sampled_from(Refusal)),
        event("explained", STATUSES),
        event("captured", COUNTS),
        event("capture_dropped", COUNTS),
        event("log_line_dropped"),
        event("resident", COUNTS),
        event("connected", COUNTS),
        event("restarted"),
    ),
    max_size=30,
)


@settings(max_examples=60, deadline=None)
@given(EVENTS)
def test_the_page_is_what_prometheus_client_would_write(events: list[Event]):
    layout = Layout.of(RELEASE, MANIFEST)
    board = Board.create(layout, WORKERS)
    workers = [Metrics(layout, board, worker) for worker in range(WORKERS)]
    reference = Reference(WORKERS)
    for worker, name, arguments in events:
        count: Callable[..., None] = getattr(workers[worker], name)
        count(*arguments)
        getattr(reference, name)(worker, *arguments)
    families, samples = told(workers[0].exposition())
    expected_families, expected = told(reference.exposition())
    assert families == expected_families
    assert samples == pytest.approx(expected)
    assert told(workers[-1].exposition()) == (families, samples), "every worker says the same"
