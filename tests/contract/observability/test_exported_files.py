"""What is committed for Argo CD to read is what ``homeostat alerting export`` would write."""

from __future__ import annotations

import json

import pytest

from alerting.dashboards.board import Chart, Listing
from alerting.dashboards.catalogue import BOARDS
from alerting.dashboards.drawing import DATASOURCE
from alerting.exporting import RULES_MOUNT, TOKEN_MOUNT, export, exported
from homeostat.yaml_text import read_yaml
from tests.contract.overlays import ROOT

EXPORTED = exported(ROOT)
DASHBOARDS = ROOT / "alerting/dashboards"


@pytest.mark.parametrize("path", EXPORTED, ids=str)
def test_a_committed_file_is_fresh(path):
    assert (ROOT / path).read_text(encoding="utf-8") == EXPORTED[path], "run: homeostat alerting export"


def test_no_dashboard_is_committed_that_no_code_draws():
    assert {path.stem for path in DASHBOARDS.glob("*.json")} == set(BOARDS)


def test_exporting_again_writes_nothing(tmp_path):
    (tmp_path / "alerting").mkdir()
    (tmp_path / "alerting/rules").symlink_to(ROOT / "alerting/rules")
    assert set(export(tmp_path)) == set(EXPORTED)
    assert list(export(tmp_path)) == []


@pytest.mark.parametrize("name", BOARDS)
def test_the_json_asks_what_the_dashboard_asks(name):
    drawn = json.loads((DASHBOARDS / f"{name}.json").read_text(encoding="utf-8"))
    asked = [target["expr"] for panel in drawn["panels"] for target in panel.get("targets", [])]
    assert asked == list(BOARDS[name].queries)


@pytest.mark.parametrize("name", BOARDS)
def test_panels_have_numbers_of_their_own_and_do_not_overlap(name):
    drawn = json.loads((DASHBOARDS / f"{name}.json").read_text(encoding="utf-8"))
    numbers = [panel["id"] for panel in drawn["panels"]]
    assert len(set(numbers)) == len(numbers)
    cells = [
        (x, y)
        for place in (panel["gridPos"] for panel in drawn["panels"])
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]
    assert len(set(cells)) == len(cells)
    assert max(x for x, _ in cells) < 24


@pytest.mark.parametrize("name", BOARDS)
def test_the_variable_of_a_dashboard_is_used_where_there_is_one_and_only_there(name):
    assert any("$model" in query for query in BOARDS[name].queries) == BOARDS[name].by_model


def test_every_panel_has_a_title_and_asks_something():
    panels = [panel for board in BOARDS.values() for section in board.sections for panel in section.panels]
    assert all(panel.title for panel in panels)
    assert all(panel.queries for panel in panels if isinstance(panel, Chart))
    assert all(panel.nothing for panel in panels if isinstance(panel, Listing))


def test_grafana_calls_its_data_source_as_the_dashboards_do():
    content = read_yaml(ROOT / "manifests/grafana/overlays/homelab/datasources.yaml")
    assert isinstance(content, dict)
    assert [source["uid"] for source in content["datasources"]] == [DATASOURCE.uid]


def test_the_pods_mount_what_their_configuration_reads():
    prometheus = (ROOT / "manifests/prometheus/base/deployment.yaml").read_text(encoding="utf-8")
    alertmanager = (ROOT / "manifests/alertmanager/base/deployment.yaml").read_text(encoding="utf-8")
    assert f"mountPath: {RULES_MOUNT}," in prometheus
    assert f"mountPath: {TOKEN_MOUNT.parent}," in alertmanager
    assert f"path: {TOKEN_MOUNT.name}}}" in alertmanager
