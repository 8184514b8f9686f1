"""The latency plot: a small SVG, drawn by hand since a plotting library would triple the image."""

from __future__ import annotations

import math
from datetime import datetime

from triage.report.document import Report

_WIDTH, _HEIGHT = 640, 180
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 12, 14, 26


def latency_plot(report: Report) -> str | None:
    """The p95 over time with the onset marked, or None when there is nothing to draw."""
    points = report.latency
    if len(points) < 2:
        return None
    start, end = points[0].at, points[-1].at
    top = max(max(point.value for point in points) * 1.1, 1e-6)
    line = " ".join(f"{_x(point.at, start, end):.1f},{_y(point.value, top):.1f}" for point in points)
    marks = [
        _mark(moment, start, end, f"{name} {moment:%H:%M:%S}", colour, row)
        for row, (moment, name, colour) in enumerate(
            ((report.onset, "onset", "#b45309"), (report.started_at, "alert", "#b91c1c")), start=1
        )
        if moment and start <= moment <= end
    ]
    tick = _round_step(top)
    grid = [_grid(tick * count, top) for count in range(int(top / tick) + 1)]
    return "\n".join(
        [
            (
                f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" '
                f'width="{_WIDTH}" height="{_HEIGHT}" role="img" font-family="sans-serif" font-size="11">'
            ),
            "<title>p95 latency in seconds</title>",
            '<rect width="100%" height="100%" fill="#ffffff"/>',
            *grid,
            f'<polyline points="{line}" fill="none" stroke="#1d4ed8" stroke-width="1.5"/>',
            *marks,
            f'<text x="{_LEFT}" y="{_HEIGHT - 8}" fill="#374151">{start:%H:%M:%S}</text>',
            (
                f'<text x="{_WIDTH - _RIGHT}" y="{_HEIGHT - 8}" text-anchor="end" fill="#374151">'
                f"{end:%H:%M:%S} UTC</text>"
            ),
            "</svg>",
            "",
        ]
    )


def _x(at: datetime, start: datetime, end: datetime) -> float:
    whole = (end - start).total_seconds() or 1.0
    return _LEFT + (_WIDTH - _LEFT - _RIGHT) * (at - start).total_seconds() / whole


def _y(value: float, top: float) -> float:
    return _HEIGHT - _BOTTOM - (_HEIGHT - _TOP - _BOTTOM) * value / top


def _grid(value: float, top: float) -> str:
    y = _y(value, top)
    return (
        f'<line x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="#e5e7eb"/>'
        f'<text x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end" fill="#374151">{value:.3g} s</text>'
    )


def _round_step(top: float) -> float:
    """A distance of grid lines that people count in (1, 2 or 5 times a power of ten): two to five fit."""
    power = 10.0 ** math.floor(math.log10(top))
    return next(step * power for step in (0.2, 0.5, 1.0, 2.0) if top / (step * power) < 6)


def _mark(moment: datetime, start: datetime, end: datetime, name: str, colour: str, row: int) -> str:
    x = _x(moment, start, end)
    # a name stands on the side of its line where there is room
    anchor, beside = ("end", x - 3) if x > _WIDTH / 2 else ("start", x + 3)
    return (
        f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{_TOP}" y2="{_HEIGHT - _BOTTOM}" stroke="{colour}" '
        f'stroke-dasharray="4 3"/><text x="{beside:.1f}" y="{_TOP + row * 12:.0f}" text-anchor="{anchor}" '
        f'fill="{colour}">{name}</text>'
    )
