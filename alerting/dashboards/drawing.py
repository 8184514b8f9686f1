"""A dashboard as the JSON that Grafana reads, by grafana-foundation-sdk."""

from __future__ import annotations

import itertools

from grafana_foundation_sdk.builders import common, dashboard, prometheus, table, text, timeseries
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.common import LegendDisplayMode, LegendPlacement
from grafana_foundation_sdk.models.dashboard import DashboardCursorSync, DataSourceRef, VariableRefresh
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

from alerting.dashboards.board import Board, Chart, Listing, Panel, Text

#: the uid of the data source, as Grafana's provisioning gives it
DATASOURCE = DataSourceRef(type_val="prometheus", uid="prometheus")
MODEL_VARIABLE = "label_values(homeostat_model_info, model)"

_COLUMNS = 24
_CHART_WIDTH = 8
_HEIGHT = 8
_TEXT_HEIGHT = 6


def to_json(board: Board) -> str:
    """The content of the dashboard's file."""
    drawn = (
        dashboard.Dashboard(board.title)
        .uid(board.uid)
        .description(board.description)
        .tags(["homeostat"])
        .readonly()
        .tooltip(DashboardCursorSync.CROSSHAIR)
        .refresh("1m")
        .time("now-6h", "now")
        .timezone("browser")
    )
    if board.by_model:
        drawn.with_variable(_model_variable())
    numbers = itertools.count(1)
    for section in board.sections:
        drawn.with_row(dashboard.Row(section.title).id(next(numbers)))
        for panel in section.panels:
            drawn.with_panel(_draw(panel).id(next(numbers)))
    return JSONEncoder(sort_keys=True, indent=2).encode(drawn.build()) + "\n"


def _draw(panel: Panel) -> text.Panel | table.Panel | timeseries.Panel:
    match panel:
        case Chart():
            return _chart(panel)
        case Listing():
            return _listing(panel)
        case Text():
            words = text.Panel().title(panel.title).content(panel.markdown)
            return words.span(_COLUMNS).height(_TEXT_HEIGHT)


def _chart(chart: Chart) -> timeseries.Panel:
    panel = (
        timeseries.Panel()
        .title(chart.title)
        .description(chart.note)
        .datasource(DATASOURCE)
        .unit(chart.unit)
        .min(0)
        .fill_opacity(8)
        .legend(
            common.VizLegendOptions()
            .show_legend(True)  # noqa: FBT003 - the library's name for it
            .display_mode(LegendDisplayMode.LIST)
            .placement(LegendPlacement.BOTTOM)
        )
        .span(_CHART_WIDTH)
        .height(_HEIGHT)
    )
    for number, query in enumerate(chart.queries):
        asked = prometheus.Dataquery().expr(query.expr).range().ref_id(chr(ord("A") + number))
        panel.with_target(asked.legend_format(query.legend or "__auto"))
    return panel


def _listing(listing: Listing) -> table.Panel:
    asked = prometheus.Dataquery().expr(listing.expr).instant().ref_id("A")
    return (
        table.Panel()
        .title(listing.title)
        .datasource(DATASOURCE)
        .no_value(listing.nothing)
        .with_target(asked.format(PromQueryFormat.TABLE))
        .span(_COLUMNS)
        .height(_HEIGHT)
    )


def _model_variable() -> dashboard.QueryVariable:
    return (
        dashboard.QueryVariable("model")
        .label("Model")
        .datasource(DATASOURCE)
        .query(MODEL_VARIABLE)
        .refresh(VariableRefresh.ON_TIME_RANGE_CHANGED)
        .multi(True)  # noqa: FBT003 - the library's name for it
        .include_all(True)  # noqa: FBT003
    )
