"""Where each series keeps its numbers: a slot for a counter, a run of slots for a histogram.

The set of series is closed, so their places are known before the first request, and counting is adding to a
number at a known place.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Self

from homeostat.release import Release
from serving.bundle import BundleManifest
from serving.metrics.families import Family, Kind, Labels, families_of


@dataclass(frozen=True, slots=True)
class Series:
    """One time series: the values of its labels and its first slot.

    A histogram's slots are those of its buckets, the last of them infinity's, each counting only what falls
    between its neighbour's bound and its own, and then its sum.
    """

    values: Labels
    slot: int
    from_start: bool


@dataclass(frozen=True, slots=True)
class Layout:
    """All series of one served release with their places in a worker's row."""

    release: Release
    series: Mapping[str, tuple[Family, Mapping[Labels, Series]]]
    #: how many numbers a worker has
    slots: int

    @classmethod
    def of(cls, release: Release, manifest: BundleManifest) -> Self:
        """Give every series of the release its place; the same release gets the same places."""
        placed: dict[str, tuple[Family, Mapping[Labels, Series]]] = {}
        free = 0
        for family in families_of(release, manifest):
            width = _width(family)
            series: dict[Labels, Series] = {}
            for values, from_start in _in_order(family):
                series[values] = Series(values, free, from_start)
                free += width
            placed[family.name] = (family, series)
        return cls(release, placed, free)

    def slot(self, name: str, *values: str) -> int:
        """The first slot of the series of ``name`` whose labels have ``values``.

        Raises:
            KeyError: when there is no such series; all of them are known beforehand.
        """
        return self.series[name][1][values].slot

    def slots_of(self, name: str) -> tuple[int, ...]:
        """The first slots of all series of ``name``, in their order."""
        return tuple(series.slot for series in self.series[name][1].values())

    def bounds(self, name: str) -> tuple[float, ...]:
        """The upper bounds of a histogram, without infinity."""
        return self.series[name][0].bounds

    @property
    def served(self) -> tuple[str, str]:
        """Model and version, as labels have them."""
        return self.release.model, str(self.release.version)


def _in_order(family: Family) -> Iterable[tuple[Labels, bool]]:
    yield from ((values, True) for values in family.from_start)
    yield from ((values, False) for values in family.later)


def _width(family: Family) -> int:
    match family.kind:
        case Kind.HISTOGRAM:
            return len(family.bounds) + 2
        case Kind.FACT:
            return 0
        case Kind.COUNTER | Kind.WORKER_GAUGE:
            return 1
