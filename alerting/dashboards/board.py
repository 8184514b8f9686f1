"""What a dashboard shows, as data: sections of panels, each asking Prometheus something."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Query:
    """One PromQL expression; ``legend`` names its series by their labels, as in ``{{model}}``."""

    expr: str
    legend: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """Values over time."""

    title: str
    #: as Grafana names it: ``s``, ``bytes``, ``percentunit`` (1 is 100 %), ``reqps``, ``short``
    unit: str
    queries: Sequence[Query]
    #: what a reader must know to read it right
    note: str = ""


@dataclass(frozen=True, slots=True)
class Listing:
    """What is true at this moment, a row for each series with its labels."""

    title: str
    expr: str
    #: what an empty table says
    nothing: str


@dataclass(frozen=True, slots=True)
class Text:
    """Words in Markdown."""

    title: str
    markdown: str


Panel = Chart | Listing | Text


@dataclass(frozen=True, slots=True)
class Section:
    """Panels under one heading."""

    title: str
    panels: Sequence[Panel]


@dataclass(frozen=True, slots=True)
class Board:
    """One dashboard."""

    #: its name in addresses and of its file
    uid: str
    title: str
    description: str
    sections: Sequence[Section]
    #: the reader chooses models: queries then say ``model=~"$model"``
    by_model: bool = False

    @property
    def queries(self) -> Iterable[str]:
        """Every expression that it asks."""
        for section in self.sections:
            for panel in section.panels:
                match panel:
                    case Chart(queries=queries):
                        yield from (query.expr for query in queries)
                    case Listing(expr=expr):
                        yield expr
                    case Text():
                        pass
