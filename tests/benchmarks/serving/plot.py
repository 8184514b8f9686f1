# pyright: basic
# matplotlib is typed only in parts.
"""The picture on the page: requests a second of each server, by connections, at one row and full load."""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure

from tests.benchmarks.serving.contestants import ALL
from tests.benchmarks.serving.model_files import NATIVE, ONNX
from tests.benchmarks.serving.plan import CONNECTIONS, LINEAR
from tests.benchmarks.serving.results import Cell, Results
from tests.benchmarks.serving.summary import Spread, Summary, summarise

_COLOURS = ("#9ecae1", "#4292c6", "#084594")
_BAR = 0.26


def draw(results: Results, path: Path) -> None:
    """Write the picture as SVG, the same bytes for the same results."""
    summary = summarise(results.samples)
    names = [one.name for one in ALL if any(_figure(summary, one.name, number) for number in CONNECTIONS)]
    figure = Figure(figsize=(9, 1.2 + 0.62 * len(names)), layout="constrained")
    axes = figure.subplots()
    for number, (connections, colour) in enumerate(zip(CONNECTIONS, _COLOURS, strict=True)):
        found = {name: spread for name in names if (spread := _figure(summary, name, connections))}
        places = [names.index(name) + (number - 1) * _BAR for name in found]
        spreads = list(found.values())
        axes.barh(
            places,
            [of.median for of in spreads],
            _BAR,
            color=colour,
            label=f"{connections} connections" if connections > 1 else "1 connection",
            xerr=[[of.median - of.smallest for of in spreads], [of.largest - of.median for of in spreads]],
            error_kw={"elinewidth": 0.8, "capsize": 2},
        )
    axes.set_yticks(range(len(names)), names)
    axes.invert_yaxis()
    axes.set_xlabel(f"requests/s ({LINEAR}, one row, JSON; median, smallest and largest of the rounds)")
    axes.legend(frameon=False)
    axes.spines[["top", "right"]].set_visible(False)
    with mpl.rc_context({"svg.hashsalt": "homeostat", "svg.fonttype": "none"}):
        figure.savefig(path, metadata={"Date": None})


def _figure(summary: Summary, name: str, connections: int) -> Spread | None:
    for engine in (NATIVE, ONNX):
        cell = Cell(model=LINEAR, engine=engine, wire="JSON", rows=1, connections=connections)
        if found := summary.get((name, cell)):
            return found.requests_per_second
    return None
