"""No rule or dashboard asks for a metric that nothing exports; no list names one that nobody asks for."""

from __future__ import annotations

import re
from itertools import chain

import pytest

from alerting.kubernetes_jobs import KEPT
from tests.contract.observability.asked import asked_names, metric_names
from tests.contract.observability.exporters import LISTS, exporters, listed

OURS = {name for exporter in ("model server", "triage") for name in exporters()[exporter]}


def test_every_metric_that_is_asked_for_is_exported_by_something():
    assert asked_names() - set(chain.from_iterable(exporters().values())) == set()


def test_no_list_names_a_metric_that_nobody_asks_for():
    assert {name for path in LISTS.glob("*.txt") for name in listed(path.stem)} <= asked_names()


def test_what_is_ours_is_never_taken_from_a_list():
    assert all(name in OURS for name in asked_names() if name.startswith("homeostat_"))


@pytest.mark.parametrize("job", KEPT)
def test_of_a_job_that_exports_thousands_exactly_what_is_asked_for_is_kept(job):
    patterns = "|".join(KEPT[job])
    assert {name for name in asked_names() if re.fullmatch(patterns, name)} == listed(job)
    for pattern in KEPT[job]:
        assert any(re.fullmatch(pattern, name) for name in listed(job)), f"nobody asks for {pattern}"


@pytest.mark.parametrize(
    ("expression", "names"),
    [
        ("sum by (a, b) (rate(x:y_total{c=\"d{e}\", f=~'g'}[5m] offset 1h)) > 0.5", {"x:y_total"}),
        ("a / on (b) group_left (c) d unless ignoring(e) f", {"a", "d", "f"}),
        ('label_replace(up{a!="b"}, "c", "$1", "d", "(.*)") or vector(1e3)', {"up"}),
        ("histogram_quantile(0.9, sum by (le) (rate(h_bucket[5m])))", {"h_bucket"}),
        ("time() - max(x) > bool 26 * 3600", {"x"}),
    ],
)
def test_the_names_of_an_expression_are_its_metrics(expression, names):
    assert metric_names(expression) == names
