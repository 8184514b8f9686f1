"""A plot of one series: a small SVG, drawn by hand since a plotting library would triple the image.

Colours are attributes, so that the file stands alone; inside a page its style sheet overrides them by class.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime
from html import escape

from triage.report.document import PlottedSeries, Report
from triage.report.marks import Mark, marks_within
from triage.report.series import LATENCY
from triage.report.unseen import visible

_WIDTH, _HEIGHT = 640, 180
_LEFT, _RIGHT, _TOP, _BOTTOM = 60, 12, 14, 26
_COLOURS = {"onset": "#b45309", "alert": "#b91c1c", "resolved": "#15803d"}
_OTHER = "#6d28d9"


def latency_plot(report: Report) -> str | None:
    """The p95 over time as a file of its own, or None when there is nothing to draw."""
    points = report.latency
    if len(points) < 2:
        return None
    known = next((one for one in report.series if one.name == LATENCY), None)
    series = known or PlottedSeries(name=LATENCY, title="p95 latency", unit="s", points=points)
    return draw(series, marks_within(report, series))


def draw(series: PlottedSeries, marks: Sequence[Mark]) -> str:
    """The series from zero to its highest value, with the marks as dashed lines; needs two points."""
    start, end = series.points[0].at, series.points[-1].at
    top = max(max(point.value for point in series.points) * 1.1, 1e-6)
    line = " ".join(f"{_x(point.at, start, end):.1f},{_y(point.value, top):.1f}" for point in series.points)
    tick = _round_step(top)
    grid = [_grid(tick * count, top, series.unit) for count in range(int(top / tick) + 1)]
    return "\n".join(
        [
            (
                f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" '
                f'width="{_WIDTH}" height="{_HEIGHT}" role="img" font-family="sans-serif" font-size="11">'
            ),
            f"<title>{escape(visible(described(series, marks)))}</title>",
            '<rect class="paper" width="100%" height="100%" fill="#ffffff"/>',
            *grid,
            f'<polyline class="line" points="{line}" fill="none" stroke="#1d4ed8" stroke-width="1.5"/>',
            *(_mark(mark, start, end, row) for row, mark in enumerate(marks, start=1)),
            f'<text class="axis" x="{_LEFT}" y="{_HEIGHT - 8}" fill="#374151">{start:%H:%M:%S}</text>',
            (
                f'<text class="axis" x="{_WIDTH - _RIGHT}" y="{_HEIGHT - 8}" text-anchor="end" '
                f'fill="#374151">{end:%H:%M:%S} UTC</text>'
            ),
            "</svg>",
            "",
        ]
    )


def described(series: PlottedSeries, marks: Sequence[Mark]) -> str:
    """The plot in words, for who can't see it."""
    values = [point.value for point in series.points]
    start, end = series.points[0].at, series.points[-1].at
    said = (
        f"{series.title}, {start:%H:%M:%S} to {end:%H:%M:%S} UTC, between {amount(min(values), series.unit)} "
        f"and {amount(max(values), series.unit)}"
    )
    return "; ".join([said, *(f"{mark.name} at {mark.at:%H:%M:%S}" for mark in marks)])


def amount(value: float, unit: str) -> str:
    """A value with its unit; what has none is a share.

    >>> [amount(0.4, "s"), amount(0.25, ""), amount(2.5e9, "bytes")]
    ['0.4 s', '25%', '2.5 GB']
    """
    if not unit and 0 <= value <= 1:
        return f"{value * 100:.3g}%"
    if unit == "bytes":
        power = min(4, int(math.log10(value) // 3)) if value >= 1 else 0
        return f"{value / 10 ** (3 * power):.3g} {('', 'k', 'M', 'G', 'T')[power]}B"
    return f"{value:.3g} {unit}".strip()


def _x(at: datetime, start: datetime, end: datetime) -> float:
    whole = (end - start).total_seconds() or 1.0
    return _LEFT + (_WIDTH - _LEFT - _RIGHT) * (at - start).total_seconds() / whole


def _y(value: float, top: float) -> float:
    return _HEIGHT - _BOTTOM - (_HEIGHT - _TOP - _BOTTOM) * min(max(value, 0), top) / top


def _grid(value: float, top: float, unit: str) -> str:
    y = _y(value, top)
    return (
        f'<line class="grid" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="#e5e7eb"/>'
        f'<text class="axis" x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end" fill="#374151">'
        f"{amount(value, unit)}</text>"
    )


def _round_step(top: float) -> float:
    """A distance of grid lines that people count in (1, 2 or 5 times a power of ten): two to five fit."""
    power = 10.0 ** math.floor(math.log10(top))
    return next(step * power for step in (0.2, 0.5, 1.0, 2.0) if top / (step * power) < 6)


def _mark(mark: Mark, start: datetime, end: datetime, row: int) -> str:
    x = _x(mark.at, start, end)
    colour = _COLOURS.get(mark.kind, _OTHER)
    # a name stands on the side of its line where there is room
    anchor, beside = ("end", x - 3) if x > _WIDTH / 2 else ("start", x + 3)
    return (
        f'<line class="mark {mark.kind}" x1="{x:.1f}" x2="{x:.1f}" y1="{_TOP}" y2="{_HEIGHT - _BOTTOM}" '
        f'stroke="{colour}" stroke-dasharray="4 3"/><text class="name {mark.kind}" x="{beside:.1f}" '
        f'y="{_TOP + row * 12:.0f}" text-anchor="{anchor}" fill="{colour}">'
        f"{mark.name} {mark.at:%H:%M:%S}</text>"
    )
